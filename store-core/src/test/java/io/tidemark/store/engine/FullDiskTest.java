// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FullDiskTest {
    private static final byte[] EMPTY = {};

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

    private static void apply(Engine engine, List<CommitRows> commits, CommitRows commit) {
        engine.apply(commit);
        commits.add(commit);
    }
}
