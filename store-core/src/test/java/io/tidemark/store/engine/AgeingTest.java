// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Years in small: the patterns that ruin mutable stores, with the space bound checked after each round. */
final class AgeingTest {
    private static final byte[] EMPTY = {};

    /** Slack far below the data, so that the factor of two is what is tested. */
    private static final EngineOptions OPTIONS =
            new EngineOptions(Histories.RETENTION, 1 << 20, 2 << 20, 4, 8, 12, 8 << 20, 8, 1 << 20);

    /** What a small store may cost beside its rows: a page for each file, and the slack. Less than the space rules save. */
    private static final long SMALL_STORE_BYTES = 4L << 20;

    /** By what production's options, the bound and the load are divided. */
    private static final int SCALE = Integer.getInteger("tidemark.ageing.scale", 32);

    private static final int LOAD = 32;
    private static final long FIXED_BYTES = (64L << 20) / SCALE;

    private final FaultDisk disk = new FaultDisk();
    private final Random random = new Random(7);
    private long index;

    @Test
    void shouldStayWithinTwiceTheLiveRows() {
        int keys = 20_000;
        int[] sizes = new int[keys];
        try (MapDbEngine engine = MapDbEngine.open(disk, OPTIONS)) {
            for (int round = 0; round < 4; round++) {
                for (int i = 0; i < keys; i += 50) {
                    CommitRows commit = CommitRows.at(++index, EMPTY);
                    for (int j = 0; j < 50; j++) {
                        int key = round == 0 ? i + j : (i + j) * 7919 % keys;
                        sizes[key] = round % 2 == 0 ? 1000 : 670;
                        commit.put(Histories.ROWS, key(key), value(sizes[key]));
                    }
                    applyAndCheckpoint(engine, commit, 50);
                }
                settle(engine);
                assertBound(sizes);
            }
            for (int i = 0; i < keys; i += 50) {
                CommitRows commit = CommitRows.at(++index, EMPTY);
                for (int key = i; key < i + 50; key++) {
                    if (key % 10 != 0) {
                        commit.delete(Histories.ROWS, key(key));
                        sizes[key] = 0;
                    }
                }
                applyAndCheckpoint(engine, commit, 50);
            }
            settle(engine);
            assertBound(sizes);
        }
    }

    /** Keys ascend for ever, a fixed number live: neither the files nor the first row may slow down. */
    @Test
    void shouldStaySmallAsAQueue() {
        int live = 500;
        try (MapDbEngine engine = MapDbEngine.open(disk, OPTIONS)) {
            for (int i = 0; i < 60_000; i++) {
                CommitRows commit = CommitRows.at(++index, EMPTY)
                        .put(Histories.ROWS, key(i), value(200))
                        .put(Histories.LOG, key(i), value(100));
                if (i >= live) {
                    commit.delete(Histories.ROWS, key(i - live));
                }
                applyAndCheckpoint(engine, commit, 2000);
            }
            settle(engine);
            assertThat(disk.usedBytes()).isLessThan(SMALL_STORE_BYTES);
            try (View view = engine.view();
                    Cursor queue = view.scan(Histories.ROWS, EMPTY, null, Direction.ASCENDING)) {
                RowVersion first = queue.next();
                assertThat(first).isNotNull();
                assertThat(first == null ? EMPTY : first.key()).isEqualTo(key(60_000 - live));
            }
        }
    }

    /**
     * Production's options, bound and load, each divided by the same number, against a clock that does not wait for anybody.
     * For the record there are {@code -Dtidemark.ageing.days=14}, and {@code -Dtidemark.ageing.scale=1}: undivided, and on
     * the disk.
     */
    @Test
    void shouldStayWithinTwiceWhatIsNeededAtEveryMoment(@TempDir Path directory) throws Exception {
        int days = Integer.getInteger("tidemark.ageing.days", 5);
        SimulatedDays life = new SimulatedDays(24_000, Math.max(1, LOAD / SCALE));
        SpaceMeter meter = new SpaceMeter(SCALE == 1 ? DiskStorage.open(directory) : disk);
        SpaceSamples samples = new SpaceSamples(meter, life, FIXED_BYTES);
        try (MapDbEngine engine = MapDbEngine.open(meter, scaled())) {
            samples.start(engine);
            for (int day = 0; day < days; day++) {
                for (int hour = 0; hour < 24; hour++) {
                    samples.at("day " + day + ", hour " + hour);
                    for (int i = 0; i < SimulatedDays.COMMITS_PER_HOUR; i++) {
                        engine.apply(life.commit(day, hour));
                        engine.setHorizon(life.horizon());
                    }
                    engine.checkpoint().join();
                }
            }
        } finally {
            samples.close();
        }
        System.out.println(samples.report());
        assertThat(samples.worstRatio()).as(samples.report()).isLessThanOrEqualTo(1);
    }

    private static EngineOptions scaled() {
        EngineOptions usual = EngineOptions.of(Histories.RETENTION);
        return new EngineOptions(
                Histories.RETENTION,
                usual.memtableBytesMax() / SCALE,
                usual.tableBytesMax() / SCALE,
                usual.level0TablesCompact(),
                usual.level0TablesSlow(),
                usual.level0TablesStop(),
                usual.level1BytesTarget() / SCALE,
                usual.levelRatio(),
                usual.spaceSlackBytes() / SCALE);
    }

    private void applyAndCheckpoint(MapDbEngine engine, CommitRows commit, int every) {
        engine.apply(commit);
        if (index % every == 0) {
            engine.setHorizon(index);
            engine.checkpoint().join();
        }
    }

    private void settle(MapDbEngine engine) {
        engine.setHorizon(index);
        engine.checkpoint().join();
        engine.awaitIdle();
    }

    private void assertBound(int[] sizes) {
        long live = 0;
        for (int size : sizes) {
            live += size == 0 ? 0 : size + 20;
        }
        assertThat(disk.usedBytes()).isLessThan(2 * live + SMALL_STORE_BYTES);
    }

    private static byte[] key(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    private byte[] value(int length) {
        byte[] value = new byte[length];
        random.nextBytes(value);
        return value;
    }
}
