// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.DeleteMutation;
import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.LogTime;
import io.tidemark.store.engine.SimulatedDisk;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DueRow;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.transition.Outcome;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.validate.SettingsRules;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A lookup that finds nothing due may not make later ones pass over a row that comes in meanwhile. */
class DueWhileWritingTest {

    private static final int ROWS = 4_000;
    private static final long NOW = 1_000_000;

    private final Store store = Store.create(
            new SimulatedDisk().open(StoreOptions.defaults().engine()),
            StoreBirth.ofNewHistory(
                    new HistoryId("0123456789abcdef"),
                    SettingsRules.defaults().toBuilder()
                            .setShardCount(16)
                            .setAutoCreateTables(true)
                            .build()),
            StoreOptions.defaults());
    private int requests;

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void shouldFindEveryRowThatIsDueWhoeverLooksMeanwhile() {
        LogTime end = LogTime.of(Timestamp.newBuilder().setSeconds(2 * NOW).build());
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> looking = CompletableFuture.runAsync(() -> {
            while (!done.get()) {
                List<DueRow> unused = store.due(end, 10);
            }
        });
        try {
            for (int row = 0; row < ROWS; row++) {
                // Later than those before it, so that it alone brings the lookups back to its time.
                put("k" + row, NOW + row);
                assertThat(store.due(end, 10)).as("after row %s", row).hasSize(1);
                delete("k" + row);
            }
        } finally {
            done.set(true);
            looking.join();
        }
    }

    private void put(String key, long expireSeconds) {
        apply(Mutation.newBuilder()
                .setTable("t")
                .setPut(PutMutation.newBuilder()
                        .setKey(key)
                        .setValue(Value.newBuilder().setBytes(ByteString.EMPTY).setContentType("x"))
                        .setExpiry(Expiry.newBuilder()
                                .setExpireTime(Timestamp.newBuilder().setSeconds(expireSeconds)))));
    }

    private void delete(String key) {
        apply(Mutation.newBuilder()
                .setTable("t")
                .setDelete(DeleteMutation.newBuilder().setKey(key)));
    }

    private void apply(Mutation.Builder mutation) {
        Entry entry = Entry.newBuilder()
                .setTransitionVersion(Transition.VERSION_FIRST)
                .setLeaderTime(Timestamp.newBuilder().setSeconds(1_000))
                .addCommands(Command.newBuilder()
                        .setWrite(WriteCommand.newBuilder()
                                .setIdentity(RequestIdentity.newBuilder()
                                        .setRequestId("r" + requests++)
                                        .setFirstSentIndex(store.appliedIndex()))
                                .setCommit(CommitRequest.newBuilder().addMutations(mutation))))
                .build();
        assertThat(store.apply(entry, ByteString.EMPTY).results().get(0).outcome())
                .isInstanceOf(Outcome.Committed.class);
    }
}
