// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
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
final class StoreRig implements AutoCloseable {

    static final HistoryId HISTORY = new HistoryId("0123456789abcdef");

    private final Store store;
    private long seconds = 1000;

    StoreRig(Path directory) {
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

    /** One commit. */
    void put(String key, String value) {
        seconds++;
        Applied applied = store.apply(
                Entry.newBuilder()
                        .setTransitionVersion(Transition.VERSION_FIRST)
                        .setLeaderTime(Timestamp.newBuilder().setSeconds(seconds))
                        .addCommands(Command.newBuilder()
                                .setWrite(WriteCommand.newBuilder()
                                        .setIdentity(RequestIdentity.newBuilder()
                                                .setRequestId("r" + seconds)
                                                .setFirstSentIndex(store.appliedIndex()))
                                        .setCommit(CommitRequest.newBuilder()
                                                .addMutations(Mutation.newBuilder()
                                                        .setTable("t")
                                                        .setPut(PutMutation.newBuilder()
                                                                .setKey(key)
                                                                .setValue(Value.newBuilder()
                                                                        .setBytes(ByteString.copyFromUtf8(value))
                                                                        .setContentType("text/plain")))))))
                        .build(),
                ByteString.EMPTY);
        assertThat(applied.results().get(0).outcome()).isInstanceOf(Outcome.Committed.class);
    }

    @Override
    public void close() {
        store.close();
    }
}
