// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Cuts the power at every file operation of a life with checkpoints and compactions. */
final class CrashTest {
    private static final int COMMITS = 48;

    private final List<CommitRows> commits = new ArrayList<>();
    private long acknowledged;
    private long compactions;

    CrashTest() {
        Histories histories = new Histories(17);
        for (int index = 1; index <= COMMITS; index++) {
            commits.add(histories.commit(index));
        }
    }

    @Test
    void shouldRecoverAStateNoOlderThanTheLastCheckpoint() {
        FaultDisk whole = new FaultDisk();
        live(whole);
        assertThat(acknowledged).isEqualTo(COMMITS);
        assertThat(whole.operations()).isGreaterThan(100);
        assertThat(swaps(whole)).as("compactions in steps").isGreaterThan(1 + COMMITS / 12 + compactions);
        for (FaultDisk.Loss loss : FaultDisk.Loss.values()) {
            for (long k = 1; k <= whole.operations(); k++) {
                try {
                    crashAndRecover(k, loss);
                } catch (Throwable e) {
                    throw new AssertionError("operation: " + k + ", unsynced data: " + loss, e);
                }
            }
        }
    }

    private static long swaps(FaultDisk disk) {
        return disk.list().stream()
                .filter(name -> name.startsWith(ManifestStore.PREFIX))
                .mapToLong(name -> Long.parseLong(name.substring(ManifestStore.PREFIX.length())) / 2)
                .max()
                .orElse(0);
    }

    private void crashAndRecover(long operation, FaultDisk.Loss loss) {
        FaultDisk disk = new FaultDisk();
        disk.crashAt(operation);
        live(disk);
        FaultDisk found = disk.afterCrash(loss, new Random(operation));
        try (MapDbEngine engine = MapDbEngine.open(found, Histories.smallOptions())) {
            assertThat(engine.durableIndex()).isGreaterThanOrEqualTo(acknowledged);
            assertThat(engine.appliedIndex()).isEqualTo(engine.durableIndex());
            assertEqualsReference(engine);
            for (CommitRows commit : commits) {
                if (commit.index() > engine.appliedIndex()) {
                    engine.apply(commit);
                }
            }
            engine.checkpoint().join();
            engine.compact().join();
        }
        try (MapDbEngine again = MapDbEngine.open(found, Histories.smallOptions())) {
            assertThat(again.appliedIndex()).isEqualTo(COMMITS);
            assertEqualsReference(again);
            again.scrub(ScrubProgress.IGNORED);
            again.awaitIdle();
            // LOCK is not simulated: what is left is CURRENT, two manifests, and two files for each table.
            assertThat(found.list()).hasSize(3 + 2 * again.stats().tables());
        }
    }

    private void assertEqualsReference(MapDbEngine engine) {
        long index = engine.appliedIndex();
        if (index > 0) {
            assertThat(engine.position()).isEqualTo(Histories.position(index));
        }
        try (InMemoryEngine reference = Histories.reference(commits, index, engine.horizon())) {
            for (long at = engine.horizon(); at <= index; at += 7) {
                try (View found = engine.viewAt(at);
                        View expected = reference.viewAt(Math.min(at, reference.appliedIndex()))) {
                    Histories.assertSameHistory(found, expected);
                }
            }
            try (View found = engine.view();
                    View expected = reference.view()) {
                Histories.assertSame(found, expected);
            }
        }
    }

    /** A life up to the power cut, if there is one. Notes what was acknowledged. */
    private void live(FaultDisk disk) {
        acknowledged = 0;
        try (MapDbEngine engine = MapDbEngine.open(disk, Histories.smallOptions())) {
            for (CommitRows commit : commits) {
                engine.apply(commit);
                if (commit.index() % 12 == 0) {
                    acknowledged = engine.checkpoint().join().index();
                    engine.awaitIdle();
                }
                if (commit.index() % 15 == 0) {
                    engine.setHorizon(commit.index() - 10);
                    engine.compact().join();
                }
            }
            compactions = engine.stats().compactions();
        } catch (EngineException | CompletionException e) {
            if (!disk.crashed()) {
                throw e;
            }
        }
    }
}
