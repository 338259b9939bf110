// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.DeleteMutation;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DropTableCommand;
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
public final class StoreRig implements AutoCloseable {

    public static final HistoryId HISTORY = new HistoryId("0123456789abcdef");

    private final Store store;
    private long seconds = 1000;

    public StoreRig(Path directory) {
        store = Store.create(
                MapDbEngine.open(directory, StoreOptions.defaults().engine()),
                StoreBirth.ofNewHistory(
                        HISTORY,
                        SettingsRules.defaults().toBuilder()
                                .setAutoCreateTables(true)
                                .build()),
                StoreOptions.defaults());
    }

    public Store store() {
        return store;
    }

    /** One commit. */
    public void put(String key, String value) {
        put("t", key, ByteString.copyFromUtf8(value), "text/plain");
    }

    /** One commit. */
    public void put(String table, String key, ByteString value, String contentType) {
        mutate(Mutation.newBuilder()
                .setTable(table)
                .setPut(PutMutation.newBuilder()
                        .setKey(key)
                        .setValue(Value.newBuilder().setBytes(value).setContentType(contentType))));
    }

    /** One commit. */
    public void delete(String key) {
        mutate(Mutation.newBuilder()
                .setTable("t")
                .setDelete(DeleteMutation.newBuilder().setKey(key)));
    }

    private void mutate(Mutation.Builder mutation) {
        write(WriteCommand.newBuilder().setCommit(CommitRequest.newBuilder().addMutations(mutation)));
    }

    /** One commit, which must succeed. */
    public void write(WriteCommand.Builder write) {
        seconds++;
        Applied applied = apply(Command.newBuilder()
                .setWrite(write.setIdentity(RequestIdentity.newBuilder()
                        .setRequestId("r" + seconds)
                        .setFirstSentIndex(store.appliedIndex()))));
        assertThat(applied.results().get(0).outcome()).isInstanceOf(Outcome.Committed.class);
    }

    /** From here on the table is being dropped. */
    public void drop(String table) {
        seconds++;
        Applied unused = apply(Command.newBuilder()
                .setDropTable(DropTableCommand.newBuilder()
                        .setIdentity(RequestIdentity.newBuilder()
                                .setRequestId("r" + seconds)
                                .setFirstSentIndex(store.appliedIndex()))
                        .setRequest(DropTableRequest.newBuilder().setTable(table))));
    }

    private Applied apply(Command.Builder command) {
        return store.apply(
                Entry.newBuilder()
                        .setTransitionVersion(Transition.VERSION_FIRST)
                        .setLeaderTime(Timestamp.newBuilder().setSeconds(seconds))
                        .addCommands(command)
                        .build(),
                ByteString.EMPTY);
    }

    /** The log time that the last commit was stamped with. */
    public long seconds() {
        return seconds;
    }

    /** As if nobody had written for so long. */
    public void passSeconds(long passed) {
        seconds += passed;
    }

    @Override
    public void close() {
        store.close();
    }
}
