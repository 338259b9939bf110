// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

final class FullDiskTest {
    private static final byte[] EMPTY = {};

    private boolean swapped;

    @Test
    void shouldFailACheckpointAndResumeWithRoom() {
        FaultDisk disk = new FaultDisk();
        Histories histories = new Histories(3);
        List<CommitRows> commits = new ArrayList<>();
        try (MapDbEngine engine = MapDbEngine.open(disk, Histories.smallOptions())) {
            for (int index = 1; index <= 40; index++) {
                apply(engine, commits, histories.commit(index));
            }
            engine.checkpoint().join();
            engine.awaitIdle();
            apply(engine, commits, histories.commit(41));
            disk.capacityBytes(disk.usedBytes() + 1000);
            long used = disk.usedBytes();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> engine.checkpoint().join()).hasCauseInstanceOf(EngineFullException.class);
                assertThat(disk.usedBytes()).as("nothing is left behind").isEqualTo(used);
                assertThat(engine.durableIndex()).isEqualTo(40);
            }
            try (MapDbEngine recovered = MapDbEngine.open(disk.copy(), Histories.smallOptions())) {
                assertThat(recovered.appliedIndex()).isEqualTo(40);
            }
            disk.capacityBytes(Long.MAX_VALUE);
            assertThat(engine.checkpoint().join().index()).isEqualTo(41);
        }
        try (MapDbEngine engine = MapDbEngine.open(disk, Histories.smallOptions());
                View found = engine.view();
                View expected = Histories.reference(commits, 41, 0).view()) {
            Histories.assertSame(found, expected);
        }
    }

    /** Refused commits leave no trace, so each is simply tried again. */
    @Test
    void shouldRefuseCommitsWhileFullAndResumeWithRoom() {
        FaultDisk disk = new FaultDisk();
        try (MapDbEngine engine = MapDbEngine.open(disk, Histories.smallOptions())) {
            disk.capacityBytes(disk.usedBytes() + 1000);
            int refused = 0;
            long index = 1;
            while (refused < 5) {
                try {
                    engine.apply(CommitRows.at(index, EMPTY).put(Histories.ROWS, EMPTY, new byte[10_000]));
                    index++;
                } catch (EngineFullException e) {
                    refused++;
                    assertThat(engine.appliedIndex()).isEqualTo(index - 1);
                    try (View view = engine.view()) {
                        RowVersion row = view.get(Histories.ROWS, EMPTY);
                        assertThat(row == null ? 0 : row.index()).isEqualTo(index - 1);
                    }
                }
            }
            assertThat(engine.stats().memtableBytes()).isLessThan(3 * 60_000 + 3 * 20_000);
            disk.capacityBytes(Long.MAX_VALUE);
            long last = index + 50;
            while (index <= last) {
                try {
                    engine.apply(CommitRows.at(index, EMPTY).put(Histories.ROWS, EMPTY, new byte[10_000]));
                    index++;
                } catch (EngineFullException told) {
                    assertThat(refused++).as("told at most once per failed job").isLessThan(8);
                }
            }
            assertThat(engine.checkpoint().join().index()).isEqualTo(last);
        }
    }

    /** With a little more room each time: first it fails at once, then after some steps, at last it ends. */
    @Test
    void shouldResumeACompactionThatFoundNoRoom() {
        FaultDisk disk = new FaultDisk();
        Histories histories = new Histories(5);
        List<CommitRows> commits = new ArrayList<>();
        try (MapDbEngine engine = MapDbEngine.open(disk, Histories.smallOptions())) {
            for (int index = 1; index <= 80; index++) {
                apply(engine, commits, histories.commit(index));
                if (index % 40 == 0) {
                    engine.compact().join();
                    engine.checkpoint().join();
                    engine.awaitIdle();
                }
            }
            engine.setHorizon(30);
            int failed = 0;
            int stepped = 0;
            for (long room = 500; fails(engine, disk, room); room += 1500) {
                failed++;
                stepped += swapped ? 1 : 0;
                assertThat(disk.list())
                        .as("nothing is left behind")
                        .hasSize(3 + 2 * engine.stats().tables());
                assertEqualsReference(engine, commits);
                assertEqualsReference(disk, commits);
            }
            assertThat(failed).isPositive();
            assertThat(stepped).isPositive();
            engine.scrub(ScrubProgress.IGNORED);
            assertEqualsReference(engine, commits);
        }
        assertEqualsReference(disk, commits);
    }

    private boolean fails(MapDbEngine engine, FaultDisk disk, long room) {
        List<String> before = manifests(disk);
        disk.capacityBytes(disk.usedBytes() + room);
        try {
            engine.compact().join();
            return false;
        } catch (CompletionException e) {
            assertThat(e).hasCauseInstanceOf(EngineFullException.class);
            return true;
        } finally {
            swapped = !before.equals(manifests(disk));
            disk.capacityBytes(Long.MAX_VALUE);
        }
    }

    private static List<String> manifests(FaultDisk disk) {
        return disk.list().stream()
                .filter(name -> name.startsWith(ManifestStore.PREFIX))
                .toList();
    }

    /** What is written may still fit, though the compaction does not. */
    @Test
    void shouldGoOnWritingBesideACompactionThatFindsNoRoom() {
        FaultDisk disk = new FaultDisk();
        List<CommitRows> commits = new ArrayList<>();
        Histories histories = new Histories(6);
        try (MapDbEngine engine = MapDbEngine.open(disk, Histories.smallOptions())) {
            int index = 0;
            disk.hold("tidemark-engine-compact");
            long oneTable = 0;
            while (engine.stats().level0Tables() < 5) {
                long before = disk.usedBytes();
                for (int i = 0; i < 10; i++) {
                    apply(engine, commits, histories.commit(++index));
                }
                engine.checkpoint().join();
                oneTable = Math.max(oneTable, disk.usedBytes() - before);
            }
            disk.capacityBytes(disk.usedBytes() + oneTable);
            disk.hold(null);
            engine.awaitIdle();
            assertThat(engine.stats().compactions()).isZero();
            apply(engine, commits, histories.commit(++index));
            engine.checkpoint().join();
            engine.awaitIdle();
            assertThat(engine.stats().compactions()).isZero();
            disk.capacityBytes(Long.MAX_VALUE);
            apply(engine, commits, histories.commit(++index));
            engine.checkpoint().join();
            engine.awaitIdle();
            assertThat(engine.stats().compactions()).isPositive();
            assertEqualsReference(engine, commits);
        }
        assertEqualsReference(disk, commits);
    }

    private static void assertEqualsReference(FaultDisk disk, List<CommitRows> commits) {
        try (MapDbEngine recovered = MapDbEngine.open(disk.copy(), Histories.smallOptions())) {
            assertEqualsReference(recovered, commits);
        }
    }

    private static void assertEqualsReference(MapDbEngine engine, List<CommitRows> commits) {
        try (InMemoryEngine reference = Histories.reference(commits, commits.size(), engine.horizon());
                View found = engine.view();
                View expected = reference.view()) {
            Histories.assertSame(found, expected);
        }
    }

    private static void apply(Engine engine, List<CommitRows> commits, CommitRows commit) {
        engine.apply(commit);
        commits.add(commit);
    }
}
