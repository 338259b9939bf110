// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static io.tidemark.node.consensus.TestGroup.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.validate.SettingsRules;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the state machine makes a checkpoint and says so; Ratis asks after every few entries. */
class CheckpointDueTest {

    private static final int ENTRIES = 40;
    private static final int BYTES = 1 << 20;

    @TempDir
    private Path root;

    private NodeStore nodeStore = new NodeStore(Path.of("unused"), StoreOptions.defaults());
    private long index;
    private long neededTo = -1;

    @AfterEach
    void close() {
        nodeStore.close();
    }

    private StoreStateMachine open() throws IOException {
        nodeStore = new NodeStore(root, StoreOptions.defaults());
        StoreStateMachine machine = new StoreStateMachine(
                nodeStore,
                new PendingProposals(),
                new ConsensusListener() {
                    @Override
                    public void stopped(String reason, Throwable cause) {
                        throw new AssertionError(reason, cause);
                    }
                },
                new CommitPush(),
                to -> to <= neededTo,
                new LogGrowth(ENTRIES, BYTES));
        machine.initialize(
                PausedMachineTest.NOT_ASKED,
                RaftGroupId.randomId(),
                PausedMachineTest.Storage.in(root.resolve("raft")));
        return machine;
    }

    /** With the checkpoint that every store begins with. */
    private StoreStateMachine begin() throws IOException {
        StoreOptions options = StoreOptions.defaults();
        StoreBirth birth = StoreBirth.ofNewHistory(
                new HistoryId("0123456789abcdef"),
                SettingsRules.defaults().toBuilder()
                        .setShardCount(16)
                        .setAutoCreateTables(true)
                        .build());
        Store.create(MapDbEngine.open(NodeLayout.store(root), options.engine()), birth, options)
                .close();
        StoreStateMachine machine = open();
        machine.notifyTermIndexUpdated(1, index);
        await("the first checkpoint", () -> machine.hasCheckpoint() && !machine.isCheckpointing());
        assertThat(machine.takeSnapshot()).isEqualTo(index);
        return machine;
    }

    private void apply(StoreStateMachine machine, int bytes) {
        index++;
        PutMutation put = PutMutation.newBuilder()
                .setKey("k")
                .setValue(Value.newBuilder()
                        .setBytes(ByteString.copyFrom(new byte[bytes]))
                        .setContentType("x"))
                .build();
        ByteString entry = TestGroup.entry(Command.newBuilder()
                .setWrite(WriteCommand.newBuilder()
                        .setIdentity(RequestIdentity.newBuilder().setRequestId("r" + index))
                        .setCommit(CommitRequest.newBuilder()
                                .addMutations(
                                        Mutation.newBuilder().setTable("t").setPut(put))))
                .build());
        LogEntryProto logged = LogEntryProto.newBuilder()
                .setTerm(1)
                .setIndex(index)
                .setStateMachineLogEntry(StateMachineLogEntryProto.newBuilder()
                        .setLogData(UnsafeByteOperations.unsafeWrap(entry.asReadOnlyByteBuffer())))
                .build();
        machine.applyTransaction(TransactionContext.newBuilder()
                        .setServerRole(RaftPeerRole.FOLLOWER)
                        .setStateMachine(machine)
                        .setLogEntry(logged)
                        .build())
                .join();
    }

    private static long latest(StoreStateMachine machine) {
        var latest = machine.getLatestSnapshot();
        return latest == null ? -1 : latest.getIndex();
    }

    /** Asked for the first time it begins one, and once it is there it says so. */
    private void assertDue(StoreStateMachine machine) {
        awaitBegun(machine);
        assertThat(machine.takeSnapshot()).isEqualTo(index);
    }

    private void awaitBegun(StoreStateMachine machine) {
        long before = latest(machine);
        assertThat(machine.takeSnapshot()).isEqualTo(RaftLog.INVALID_LOG_INDEX);
        await("a checkpoint", () -> latest(machine) > before && !machine.isCheckpointing());
        assertThat(latest(machine)).isEqualTo(index);
    }

    /** Nothing is begun: the store would be quick to make it. */
    private static void assertNotDue(StoreStateMachine machine) {
        long before = latest(machine);
        assertThat(machine.takeSnapshot()).isEqualTo(RaftLog.INVALID_LOG_INDEX);
        assertThat(machine.isCheckpointing()).isFalse();
        assertThat(latest(machine)).isEqualTo(before);
    }

    @Test
    void shouldMakeOneAfterSoManyEntries() throws IOException {
        StoreStateMachine machine = begin();
        for (int round = 0; round < 2; round++) {
            for (int i = 1; i < ENTRIES; i++) {
                apply(machine, 1);
                assertNotDue(machine);
            }
            apply(machine, 1);
            assertDue(machine);
        }
    }

    @Test
    void shouldMakeOneAfterFewLargeEntries() throws IOException {
        StoreStateMachine machine = begin();
        for (int round = 0; round < 2; round++) {
            for (int i = 1; i < 4; i++) {
                apply(machine, BYTES / 4 - 1000);
                assertNotDue(machine);
            }
            apply(machine, BYTES / 4 + 3000);
            assertDue(machine);
        }
    }

    /** Who goes on from the one before needs what lies behind it. */
    @Test
    void shouldSayNothingOfOneAndMakeNoOtherWhileTheLogBehindItIsNeeded() throws IOException {
        StoreStateMachine machine = begin();
        neededTo = Long.MAX_VALUE;
        for (int i = 0; i < ENTRIES; i++) {
            apply(machine, 1);
        }
        awaitBegun(machine);
        long made = index;
        for (int i = 0; i < 2 * ENTRIES; i++) {
            assertNotDue(machine);
            apply(machine, 1);
        }
        assertThat(latest(machine)).isEqualTo(made);

        neededTo = made - 1;
        assertThat(machine.takeSnapshot()).isEqualTo(made);
        assertDue(machine);
    }

    @Test
    void shouldNotKeepTheLogForAnybodyBeyondABound() throws IOException {
        StoreStateMachine machine = begin();
        neededTo = Long.MAX_VALUE;
        for (int i = 0; i < ENTRIES; i++) {
            apply(machine, 1);
        }
        awaitBegun(machine);
        long made = index;
        for (int i = ENTRIES; i < 20 * ENTRIES; i++) {
            assertNotDue(machine);
            apply(machine, 1);
        }
        assertThat(machine.takeSnapshot()).isEqualTo(made);

        awaitBegun(machine);
        made = index;
        assertNotDue(machine);
        apply(machine, 4 * BYTES / 10);
        for (int i = 0; i < 9; i++) {
            assertNotDue(machine);
            apply(machine, 4 * BYTES / 10);
        }
        assertThat(machine.takeSnapshot()).isEqualTo(made);
    }

    @Test
    void shouldCountFromWhereItStartedAgain() throws IOException {
        StoreStateMachine machine = begin();
        for (int i = 0; i < ENTRIES; i++) {
            apply(machine, 1);
        }
        assertDue(machine);
        nodeStore.close();

        StoreStateMachine again = open();
        assertNotDue(again);
        for (int i = 1; i < ENTRIES; i++) {
            apply(again, 1);
        }
        assertNotDue(again);
        apply(again, 1);
        assertDue(again);
    }
}
