// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who holds replaced states shows in the stats: a forgotten view costs disk that nothing else explains. */
final class HoldersTest {
    private static final byte[] KEY = {1};

    private final MapDbEngine engine = MapDbEngine.open(new FaultDisk(), Histories.smallOptions());
    private long index;

    private void replaceEverything() {
        engine.apply(CommitRows.at(++index, KEY).put(Histories.ROWS, KEY, new byte[10_000]));
        engine.checkpoint().join();
        engine.setHorizon(index);
        engine.compact().join();
        engine.awaitIdle();
    }

    @Test
    void shouldShowWhatViewsAndCursorsHold() {
        replaceEverything();
        assertHolds(0, 0);
        View view = engine.view();
        assertHolds(0, 0);
        long bytes = engine.stats().tableBytes();
        replaceEverything();
        assertHolds(1, bytes);
        View second = engine.view();
        replaceEverything();
        assertHolds(2, 2 * bytes);
        Cursor cursor = view.scan(Histories.ROWS, new byte[0], null, Direction.ASCENDING);
        view.close();
        second.close();
        assertHolds(1, bytes);
        long start = System.nanoTime();
        while (engine.stats().oldestHeldMillis() < 2) {
            assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
        }
        cursor.close();
        assertHolds(0, 0);
        assertThat(engine.stats().oldestHeldMillis()).isZero();
        engine.close();
    }

    @Test
    void shouldShowWhatPinnedCheckpointsHold() {
        replaceEverything();
        CheckpointFiles files = engine.pinCheckpoint();
        View view = engine.view();
        long bytes = engine.stats().tableBytes();
        replaceEverything();
        assertHolds(1, bytes);
        view.close();
        assertHolds(0, bytes);
        files.close();
        assertHolds(0, 0);
        engine.close();
    }

    private void assertHolds(int versions, long bytes) {
        assertThat(engine.stats().heldVersions()).isEqualTo(versions);
        assertThat(engine.stats().pinnedBytes()).isEqualTo(bytes);
    }
}
