// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.BackupRequest;
import io.tidemark.proto.v1.BackupResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.server.call.FakeServerCall;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.LocalStates;
import io.tidemark.server.read.StoreRig;
import io.tidemark.server.time.ManualTime;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.engine.InMemoryEngine;
import io.tidemark.store.state.Backup;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.state.StoreView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupsTest {

    private static final int ROWS = 18;
    private static final BackupOptions OPTIONS =
            new BackupOptions(1, Duration.ofMinutes(10), Duration.ofMillis(50), Duration.ofSeconds(1), 100_000);
    private static final BackupRequest ANY = BackupRequest.newBuilder()
            .setReadOptions(ReadOptions.newBuilder().setStrength(Strength.STRENGTH_EVENTUAL))
            .build();

    private final ManualTime time = new ManualTime();
    private StoreRig rig;
    private Backups backups;

    @BeforeEach
    void open(@TempDir Path directory) {
        rig = new StoreRig(directory);
        // Several chunks of a mebibyte.
        for (int i = 0; i < ROWS; i++) {
            rig.put("k" + i, "v".repeat(120_000) + i);
        }
        LocalState state = LocalStates.unproven(rig.store(), "s1", time);
        backups = new Backups(() -> state, "s1", StoreRig::header, OPTIONS, time, time, Runnable::run);
    }

    @AfterEach
    void close() {
        backups.stop();
        rig.close();
    }

    /** Takes all there is, and does something at one message. */
    private static class Caller extends FakeServerCall<BackupResponse> {
        final CountDownLatch ended = new CountDownLatch(1);
        int actAt = -1;
        Runnable act = () -> {};

        /** What is certainly there, and where to go on. */
        BackupRequest resumption() {
            assertThat(last().getResumeToken()).isNotEmpty();
            return BackupRequest.newBuilder()
                    .setResumeToken(last().getResumeToken())
                    .build();
        }

        ByteString bytes() {
            return messages.stream().map(BackupResponse::getData).reduce(ByteString.EMPTY, ByteString::concat);
        }

        @Override
        protected void received(BackupResponse message) {
            if (messages.size() - 1 == actAt) {
                act.run();
            }
        }

        @Override
        protected void ended() {
            ended.countDown();
        }
    }

    private Caller backup(BackupRequest request) {
        Caller caller = new Caller();
        backups.backup(request, caller);
        return caller;
    }

    /** Leaves at the first message that a backup can go on from. */
    private Caller brokenOff() {
        Caller caller = new Caller() {
            @Override
            protected void received(BackupResponse message) {
                if (!message.getResumeToken().isEmpty()) {
                    cancel();
                }
            }
        };
        backups.backup(ANY, caller);
        return caller;
    }

    private void assertRestorable(ByteString backup) throws IOException {
        try (Store restored = Backup.restore(
                        backup.newInput(),
                        new InMemoryEngine(StoreOptions.defaults().engine()),
                        new HistoryId("fedcba9876543210"),
                        StoreOptions.defaults(),
                        (place, rows) -> {});
                StoreView view = restored.view()) {
            assertThat(view.index()).isEqualTo(ROWS);
            for (int i = 0; i < ROWS; i++) {
                StoredRow row = view.get(new RowName("t", "k" + i));
                assertThat(row == null ? null : row.value().toStringUtf8()).isEqualTo("v".repeat(120_000) + i);
            }
        }
    }

    @Test
    void aBackupIsTheWholeStoreInTheDocumentedFormat() throws IOException {
        Caller caller = backup(ANY);

        assertThat(caller.isCompleted()).isTrue();
        assertThat(caller.messages.get(0).getHeader().getReadIndex()).isEqualTo(ROWS);
        assertThat(caller.messages.stream().filter(BackupResponse::hasHeader)).hasSize(1);
        assertThat(caller.messages.stream().filter(BackupResponse::hasProgress)).isNotEmpty();
        assertThat(caller.messages).allMatch(message -> message.getData().size() <= OPTIONS.messageBytes());
        assertRestorable(caller.bytes());
        assertThat(backups.transfers().heldCount()).isZero();
    }

    @Test
    void aBackupThatBrokeOffGoesOnToTheSameBytes() throws IOException {
        Caller broken = brokenOff();
        assertThat(broken.isCompleted()).isFalse();
        rig.put("k0", "written meanwhile");
        assertThat(Backups.serverOf(broken.resumption().getResumeToken())).isEqualTo("s1");

        Caller rest = backup(broken.resumption());

        assertThat(rest.isCompleted()).isTrue();
        assertThat(rest.messages.get(0).getHeader().getReadIndex()).isEqualTo(ROWS);
        assertRestorable(broken.bytes().concat(rest.bytes()));
        assertThat(backups.transfers().heldCount()).isZero();
    }

    @Test
    void aStateIsNotHeldForEver() {
        Caller broken = brokenOff();
        time.pass(Duration.ofMinutes(9));
        assertThat(backups.transfers().heldCount()).isEqualTo(1);
        time.pass(Duration.ofMinutes(1));
        assertThat(backups.transfers().heldCount()).isZero();
        assertThat(backup(broken.resumption()).reason()).isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
        assertThat(rig.store().stats().heldVersions()).isZero();
    }

    @Test
    void aStateThatNobodyUsesMakesWay() {
        Caller broken = brokenOff();
        assertThat(backup(ANY).isCompleted()).isTrue();
        assertThat(backup(broken.resumption()).reason()).isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
    }

    @Test
    void moreAtATimeThanConfiguredAreRefused() {
        List<Caller> second = new ArrayList<>();
        Caller first = new Caller();
        first.actAt = 2;
        first.act = () -> second.add(backup(ANY));
        backups.backup(ANY, first);
        assertThat(first.isCompleted()).isTrue();
        assertThat(second.get(0).reason()).isEqualTo(ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS);
    }

    @Test
    void whoeverComesBackTakesOver() throws IOException {
        List<Caller> second = new ArrayList<>();
        Caller first = new Caller() {
            @Override
            protected void received(BackupResponse message) {
                if (!message.getResumeToken().isEmpty()) {
                    second.add(backup(resumption()));
                }
            }
        };
        backups.backup(ANY, first);
        assertThat(first.reason()).isEqualTo(ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS);
        assertRestorable(first.bytes().concat(second.get(0).bytes()));
        assertThat(backups.transfers().heldCount()).isZero();
    }

    @Test
    void aStopEndsABackupAndHoldsNothing() {
        Caller caller = new Caller();
        caller.actAt = 2;
        caller.act = backups::stop;
        backups.backup(ANY, caller);
        assertThat(caller.reason()).isEqualTo(ErrorReason.ERROR_REASON_STOPPING);
        assertThat(caller.messages).hasSize(3);
        assertThat(backups.transfers().heldCount()).isZero();
    }

    @Test
    void nothingIsSentWithoutRoomAndACallerWhoTakesNothingIsLetGo() throws InterruptedException {
        ExecutorService worker = Executors.newSingleThreadExecutor();
        try {
            LocalState state = LocalStates.unproven(rig.store(), "s1", time);
            Backups waiting = new Backups(() -> state, "s1", StoreRig::header, OPTIONS, time, time, worker);
            Caller caller = new Caller();
            caller.actAt = 0;
            caller.act = caller::takeNothing;
            waiting.backup(ANY, caller);
            assertThat(caller.ended.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(caller.reason()).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
            assertThat(caller.messages).hasSize(1);
            waiting.stop();
        } finally {
            worker.shutdownNow();
        }
    }

    @Test
    void requestsThatCannotBeMetAreRefused() {
        BackupRequest older = BackupRequest.newBuilder()
                .setReadOptions(ReadOptions.newBuilder().setAsOfIndex(1))
                .build();
        assertThat(backup(older).reason()).isEqualTo(ErrorReason.ERROR_REASON_UNSUPPORTED);
        assertThat(backup(BackupRequest.newBuilder().setResumeToken("nonsense").build())
                        .reason())
                .isEqualTo(ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN);
        BackupRequest otherHistory = BackupRequest.newBuilder()
                .setReadOptions(ReadOptions.newBuilder().setHistoryId("fedcba9876543210"))
                .build();
        assertThat(backup(otherHistory).reason()).isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
        Caller broken = brokenOff();
        BackupRequest unsettled = broken.resumption().toBuilder()
                .setReadOptions(ReadOptions.newBuilder().setMinIndex(1))
                .build();
        assertThat(backup(unsettled).reason()).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(backups.transfers().heldCount()).isEqualTo(1);
    }
}
