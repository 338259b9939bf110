// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.RowName;
import io.tidemark.store.engine.EngineOptions;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.CreateTableCommand;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.transition.CommandResult;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.validate.SettingsRules;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A whole store with the settings of production, fed with entries such as a leader makes. One thread writes. */
final class StoreFixture implements AutoCloseable {
    static final String TABLE = "rows";

    private static final StoreOptions USUAL = StoreOptions.defaults();

    private final Path directory;
    private final String ids = Long.toHexString(System.nanoTime());
    private MapDbEngine engine;
    private Store store;
    private long requests;

    StoreFixture(Path directory) {
        this.directory = directory;
        this.engine = MapDbEngine.open(directory, USUAL.engine());
        if (Store.isEmpty(engine)) {
            HistoryId history = new HistoryId("0123456789abcdef");
            this.store = Store.create(engine, StoreBirth.ofNewHistory(history, SettingsRules.defaults()), USUAL);
            createTable();
            checkpoint();
        } else {
            this.store = Store.open(engine, USUAL);
        }
    }

    private void createTable() {
        apply(entry().addCommands(Command.newBuilder()
                .setCreateTable(CreateTableCommand.newBuilder()
                        .setIdentity(nextIdentity())
                        .setRequest(CreateTableRequest.newBuilder().setTable(TABLE)))));
    }

    Store store() {
        return store;
    }

    static RowName name(byte[] key) {
        return new RowName(TABLE, new String(key, StandardCharsets.US_ASCII));
    }

    static Mutation put(byte[] key, byte[] value) {
        return Mutation.newBuilder()
                .setTable(TABLE)
                .setPut(PutMutation.newBuilder()
                        .setKey(new String(key, StandardCharsets.US_ASCII))
                        .setValue(Value.newBuilder()
                                .setBytes(ByteString.copyFrom(value))
                                .setContentType("application/octet-stream")))
                .build();
    }

    static CommitRequest commit(Mutation... mutations) {
        return CommitRequest.newBuilder()
                .addAllMutations(Arrays.asList(mutations))
                .build();
    }

    /** One entry, each commit under a request id of its own. */
    void apply(List<CommitRequest> commits) {
        Entry.Builder entry = entry();
        for (CommitRequest commit : commits) {
            entry.addCommands(Command.newBuilder()
                    .setWrite(WriteCommand.newBuilder()
                            .setIdentity(nextIdentity())
                            .setCommit(commit)));
        }
        apply(entry);
    }

    private void apply(Entry.Builder entry) {
        for (CommandResult result : store.apply(entry.build(), ByteString.EMPTY).results()) {
            if (result.commit() == null) {
                throw new IllegalStateException("not committed: " + result.outcome());
            }
        }
    }

    private static Entry.Builder entry() {
        Instant now = Instant.now();
        return Entry.newBuilder()
                .setTransitionVersion(Transition.VERSION_FIRST)
                .setLeaderTime(
                        Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()));
    }

    private RequestIdentity nextIdentity() {
        return RequestIdentity.newBuilder()
                .setRequestId(ids + "-" + requests++)
                .setFirstSentIndex(store.appliedIndex())
                .build();
    }

    /** Overwrites so many random rows, each in its own commit, 64 to an entry. */
    void change(Dataset data, int count, SplittableRandom random, int round) {
        for (int at = 0; at < count; at += 64) {
            apply(random.ints(Math.min(64, count - at), 0, data.rows())
                    .mapToObj(number -> commit(put(data.key(number), data.value(number, round))))
                    .toList());
        }
    }

    void checkpoint() {
        store.checkpoint().join();
    }

    void compact() {
        engine.compact().join();
    }

    void reopen() {
        reopen(USUAL.engine());
    }

    /** Without a checkpoint. */
    void reopen(EngineOptions options) {
        store.close();
        engine = MapDbEngine.open(directory, options);
        store = Store.open(engine, new StoreOptions(USUAL.memtableBytesMax(), USUAL.recentBytesMax(), options));
    }

    EngineOptions engineOptions() {
        return USUAL.engine();
    }

    @Override
    public void close() {
        store.close();
    }
}
