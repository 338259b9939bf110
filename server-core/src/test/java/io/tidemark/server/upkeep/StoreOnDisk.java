// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.transition.Applied;
import io.tidemark.store.transition.Outcome;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.validate.SettingsRules;
import java.nio.file.Path;

/** A store on disk that tests write rows of a table {@code t} to. */
final class StoreOnDisk implements AutoCloseable {

    static final HistoryId HISTORY = new HistoryId("0123456789abcdef");

    private final Store store;
    private long seconds = 1000;

    StoreOnDisk(Path directory) {
        store = Store.create(
                MapDbEngine.open(directory, StoreOptions.defaults().engine()),
                StoreBirth.ofNewHistory(
                        HISTORY,
                        SettingsRules.defaults().toBuilder()
                                .setAutoCreateTables(true)
                                .build()),
                StoreOptions.defaults());
    }

    Store store() {
        return store;
    }

    static ResponseHeader header(Store store) {
        return ResponseHeader.newBuilder()
                .setServedBy("s1")
                .setAppliedIndex(store.appliedIndex())
                .build();
    }

    /** One commit. */
    void put(String key, String value) {
        seconds++;
        Entry.Builder entry = entry();
        entry.addCommands(command(key, value, 0));
        apply(entry);
    }

    /** So many commits in one entry. */
    void putMany(int count) {
        seconds++;
        Entry.Builder entry = entry();
        for (int i = 0; i < count; i++) {
            entry.addCommands(command("k" + i % 10, "v" + i, i));
        }
        apply(entry);
    }

    private Entry.Builder entry() {
        return Entry.newBuilder()
                .setTransitionVersion(Transition.VERSION_FIRST)
                .setLeaderTime(Timestamp.newBuilder().setSeconds(seconds));
    }

    private void apply(Entry.Builder entry) {
        Applied applied = store.apply(entry.build(), ByteString.EMPTY);
        assertThat(applied.results()).allMatch(result -> result.outcome() instanceof Outcome.Committed);
    }

    private Command command(String key, String value, int number) {
        PutMutation put = PutMutation.newBuilder()
                .setKey(key)
                .setValue(Value.newBuilder()
                        .setBytes(ByteString.copyFromUtf8(value))
                        .setContentType("text/plain"))
                .build();
        return Command.newBuilder()
                .setWrite(WriteCommand.newBuilder()
                        .setIdentity(RequestIdentity.newBuilder()
                                .setRequestId("r" + seconds + "-" + number)
                                .setFirstSentIndex(store.appliedIndex()))
                        .setCommit(CommitRequest.newBuilder()
                                .addMutations(
                                        Mutation.newBuilder().setTable("t").setPut(put))))
                .build();
    }

    @Override
    public void close() {
        store.close();
    }
}
