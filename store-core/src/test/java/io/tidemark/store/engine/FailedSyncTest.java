// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/**
 * One sync fails and the process lives on. On Linux the data may be gone while later syncs of the same file succeed, so
 * nothing of it may count: what is acknowledged afterwards must be in other files.
 */
final class FailedSyncTest {
    private static final int COMMITS = 24;

    private final List<CommitRows> commits = new ArrayList<>();

    FailedSyncTest() {
        Histories histories = new Histories(41);
        for (int index = 1; index <= COMMITS; index++) {
            commits.add(histories.commit(index));
        }
    }

    @Test
    void shouldNeverTrustAFileThatFailedToSync() {
        FaultDisk whole = new FaultDisk();
        live(whole);
        assertThat(whole.syncs()).isGreaterThan(30);
        for (long sync = 1; sync <= whole.syncs(); sync++) {
            FaultDisk disk = new FaultDisk();
            disk.failSyncAt(sync);
            try {
                live(disk);
                FaultDisk found = disk.afterCrash(FaultDisk.Loss.DROPPED, new Random(sync));
                try (MapDbEngine engine = MapDbEngine.open(found, Histories.smallOptions());
                        View rows = engine.view();
                        InMemoryEngine reference = Histories.reference(commits, COMMITS, engine.horizon());
                        View expected = reference.view()) {
                    assertThat(engine.durableIndex()).isEqualTo(COMMITS);
                    Histories.assertSame(rows, expected);
                    engine.scrub(ScrubProgress.IGNORED);
                }
            } catch (Throwable e) {
                throw new AssertionError("failed sync: " + sync, e);
            }
        }
    }

    /** Whatever fails is tried again, as callers do. */
    private void live(FaultDisk disk) {
        MapDbEngine opened;
        try {
            opened = MapDbEngine.open(disk, Histories.smallOptions());
        } catch (EngineIoException failed) {
            opened = MapDbEngine.open(disk, Histories.smallOptions());
        }
        try (MapDbEngine engine = opened) {
            for (CommitRows commit : commits) {
                again(() -> engine.apply(commit));
                if (commit.index() % 6 == 0) {
                    again(() -> engine.checkpoint().join());
                }
                if (commit.index() % 12 == 0) {
                    engine.setHorizon(commit.index() - 3);
                    again(() -> engine.compact().join());
                }
            }
            again(() -> engine.checkpoint().join());
            engine.awaitIdle();
            // CURRENT, two manifests, and two files for each table: what failed was deleted.
            assertThat(disk.crashed()
                            || disk.list().size() == 3 + 2 * engine.stats().tables())
                    .isTrue();
        }
    }

    /** One failed sync may fail a checkpoint and the compaction beside it, and each is told. */
    private static void again(Runnable call) {
        for (int told = 0; told < 2; told++) {
            try {
                call.run();
                return;
            } catch (EngineException | CompletionException failed) {
                assertThat(failed).isNotInstanceOf(CorruptionException.class);
            }
        }
        call.run();
    }

    /** The checkpoint fails for all to see; the compaction beside it would never hear of it. */
    @Test
    void shouldNotPublishNamesGivenBeforeTheDirectoryFailedToSync() throws Exception {
        FaultDisk disk = new FaultDisk();
        try (MapDbEngine engine = MapDbEngine.open(disk, Histories.smallOptions())) {
            commits.subList(0, 10).forEach(engine::apply);
            engine.checkpoint().join();
            engine.awaitIdle();
            disk.holdAfter("tidemark-engine-compact", 2);
            CompletableFuture<Void> compaction = engine.compact();
            disk.awaitHeld();
            // Table, footer, two manifests and CURRENT come first.
            disk.failSyncAt(disk.syncs() + 6);
            commits.subList(10, COMMITS).forEach(engine::apply);
            assertThatThrownBy(() -> engine.checkpoint().join()).hasCauseInstanceOf(EngineIoException.class);
            disk.hold(null);
            assertThatThrownBy(compaction::join).hasCauseInstanceOf(EngineIoException.class);
            engine.compact().join();
            engine.checkpoint().join();
        }
        FaultDisk found = disk.afterCrash(FaultDisk.Loss.DROPPED, new Random(1));
        try (MapDbEngine engine = MapDbEngine.open(found, Histories.smallOptions())) {
            assertThat(engine.durableIndex()).isEqualTo(COMMITS);
        }
    }

    /** CURRENT was renamed, the process killed, and no sync came: what the next one reports must survive. */
    @Test
    void shouldMakeWhatItFindsDurableBeforeReportingIt() {
        FaultDisk whole = new FaultDisk();
        live(whole);
        for (long operation = 1; operation <= whole.operations(); operation++) {
            FaultDisk disk = new FaultDisk();
            disk.crashAt(operation);
            try {
                live(disk);
            } catch (EngineException | CompletionException killed) {
                assertThat(disk.crashed()).isTrue();
            }
            FaultDisk restarted = disk.afterKill();
            long reported;
            try (MapDbEngine engine = MapDbEngine.open(restarted, Histories.smallOptions())) {
                reported = engine.durableIndex();
            }
            FaultDisk found = restarted.afterCrash(FaultDisk.Loss.DROPPED, new Random(operation));
            try (MapDbEngine engine = MapDbEngine.open(found, Histories.smallOptions())) {
                assertThat(engine.durableIndex()).as("operation " + operation).isGreaterThanOrEqualTo(reported);
            }
        }
    }

    @Test
    void shouldNotTakeADirectoryWithDamagedManifestsForANewOne() throws Exception {
        FaultDisk used = new FaultDisk();
        try (MapDbEngine engine = MapDbEngine.open(used, Histories.smallOptions())) {
            engine.apply(CommitRows.at(1, new byte[0]));
            engine.checkpoint().join();
        }
        assertThat(used.list()).containsExactly("CURRENT", "MANIFEST-3", "MANIFEST-4");
        for (boolean deleteCurrent : new boolean[] {false, true}) {
            FaultDisk disk = used.copy();
            disk.list().forEach(file -> disk.content(file)[6] ^= 1);
            if (deleteCurrent) {
                disk.delete(ManifestStore.CURRENT);
            }
            assertThatThrownBy(() -> MapDbEngine.open(disk, Histories.smallOptions()))
                    .isInstanceOf(CorruptionException.class)
                    .hasMessageContaining("MANIFEST-4");
            assertThat(disk.list()).contains("MANIFEST-3", "MANIFEST-4");
        }
    }

    @Test
    void shouldNotFallBackBehindACheckpoint() throws Exception {
        FaultDisk disk = new FaultDisk();
        FaultDisk older;
        try (MapDbEngine engine = MapDbEngine.open(disk, Histories.smallOptions())) {
            older = disk.copy();
            engine.apply(CommitRows.at(1, new byte[0]));
            engine.checkpoint().join();
        }
        try (Storage.OutputFile left = disk.create("MANIFEST-2")) {
            byte[] bytes = older.content("MANIFEST-2");
            left.write(0, bytes, 0, bytes.length);
        }
        disk.content("MANIFEST-3")[6] ^= 1;
        disk.content("MANIFEST-4")[6] ^= 1;
        assertThatThrownBy(() -> MapDbEngine.open(disk, Histories.smallOptions()))
                .isInstanceOf(CorruptionException.class);
    }
}
