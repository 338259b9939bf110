// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.DeleteMutation;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.engine.EngineOptions;
import io.tidemark.store.engine.InMemoryEngine;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DropStepCommand;
import io.tidemark.store.proto.v1.DropTableCommand;
import io.tidemark.store.proto.v1.DueRow;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.ExpireCommand;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.transition.Applied;
import io.tidemark.store.transition.Outcome;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.validate.SettingsRules;
import java.util.Arrays;

/** A store that tests write to. Log time goes on by a second with each commit. */
final class StoreRig implements AutoCloseable {

    static final HistoryId HISTORY = new HistoryId("0123456789abcdef");

    private final Store store;
    private long seconds = 1000;

    StoreRig(long recentBytesMax) {
        this(HISTORY, recentBytesMax);
    }

    /** @param recentBytesMax what is older is read as from disk */
    StoreRig(HistoryId history, long recentBytesMax) {
        StoreOptions defaults = StoreOptions.defaults();
        store = Store.create(
                new InMemoryEngine(EngineOptions.of(Spaces.RETENTION)),
                StoreBirth.ofNewHistory(
                        history,
                        SettingsRules.defaults().toBuilder()
                                .setAutoCreateTables(true)
                                .build()),
                new StoreOptions(defaults.memtableBytesMax(), recentBytesMax, defaults.engine()));
    }

    Store store() {
        return store;
    }

    static Mutation put(String table, String key, String value) {
        return Mutation.newBuilder()
                .setTable(table)
                .setPut(PutMutation.newBuilder()
                        .setKey(key)
                        .setValue(Value.newBuilder()
                                .setBytes(ByteString.copyFromUtf8(value))
                                .setContentType("text/plain")))
                .build();
    }

    static Mutation delete(String table, String key) {
        return Mutation.newBuilder()
                .setTable(table)
                .setDelete(DeleteMutation.newBuilder().setKey(key))
                .build();
    }

    /** One commit; its index. */
    long commit(Mutation... mutations) {
        seconds++;
        Applied applied = apply(Command.newBuilder()
                .setWrite(WriteCommand.newBuilder()
                        .setIdentity(identity())
                        .setCommit(CommitRequest.newBuilder().addAllMutations(Arrays.asList(mutations))))
                .build());
        assertThat(applied.results().get(0).outcome()).isInstanceOf(Outcome.Committed.class);
        return store.appliedIndex();
    }

    /** So much log time passes before the next commit. */
    void passSeconds(long logSeconds) {
        seconds += logSeconds;
    }

    long dropTable(String table) {
        seconds++;
        apply(Command.newBuilder()
                .setDropTable(DropTableCommand.newBuilder()
                        .setIdentity(identity())
                        .setRequest(DropTableRequest.newBuilder().setTable(table)))
                .build());
        return store.appliedIndex();
    }

    void dropStep(String table) {
        seconds++;
        apply(Command.newBuilder()
                .setDropStep(DropStepCommand.newBuilder().setTable(table).setLimit(1000))
                .build());
    }

    /** A row whose time has come with the next commit. */
    static Mutation putExpiring(String table, String key) {
        Mutation.Builder mutation = put(table, key, "short-lived").toBuilder();
        mutation.getPutBuilder()
                .setExpiry(Expiry.newBuilder().setTtl(Duration.newBuilder().setSeconds(1)));
        return mutation.build();
    }

    long expire(String table, String key, long modifiedIndex) {
        seconds++;
        apply(Command.newBuilder()
                .setExpire(ExpireCommand.newBuilder()
                        .addRows(DueRow.newBuilder().setTable(table).setKey(key).setModifiedIndex(modifiedIndex)))
                .build());
        return store.appliedIndex();
    }

    private RequestIdentity identity() {
        return RequestIdentity.newBuilder()
                .setRequestId("r" + seconds)
                .setFirstSentIndex(store.appliedIndex())
                .build();
    }

    private Applied apply(Command command) {
        return store.apply(
                Entry.newBuilder()
                        .setTransitionVersion(Transition.VERSION_FIRST)
                        .setLeaderTime(Timestamp.newBuilder().setSeconds(seconds))
                        .addCommands(command)
                        .build(),
                ByteString.EMPTY);
    }

    @Override
    public void close() {
        store.close();
    }
}
