// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who waits for whom: the writer for compaction, in small steps; compaction for checkpoints, with an end. */
final class PacingTest {
    private static final byte[] KEY = {1};
    private static final EngineOptions OPTIONS =
            new EngineOptions(Histories.RETENTION, 1 << 20, 1 << 20, 2, 4, 8, 8 << 20, 8, 1 << 20);

    private final FaultDisk disk = new FaultDisk();
    private long index;

    private void apply(MapDbEngine engine) {
        engine.apply(CommitRows.at(++index, KEY).put(Histories.ROWS, KEY, new byte[70_000]));
    }

    @Test
    void shouldSlowTheWriterWhileLevel0IsCrowded() {
        try (MapDbEngine engine = MapDbEngine.open(disk, OPTIONS)) {
            disk.hold("tidemark-engine-compact");
            for (int table = 0; table < OPTIONS.level0TablesSlow() + 1; table++) {
                assertThat(engine.stats().slowedMillis()).isZero();
                apply(engine);
                engine.checkpoint().join();
            }
            for (int i = 0; i < 10; i++) {
                apply(engine);
            }
            long slowed = engine.stats().slowedMillis();
            assertThat(slowed).isGreaterThanOrEqualTo(10);
            disk.hold(null);
            engine.awaitIdle();
            apply(engine);
            apply(engine);
            assertThat(engine.stats().slowedMillis()).isEqualTo(slowed);
            assertThat(engine.stats().level0Tables()).isLessThan(OPTIONS.level0TablesSlow());
        }
    }

    @Test
    void shouldYieldToAFlushWithAnEnd() throws Exception {
        EngineState state = new EngineState(OPTIONS, new Levels(List.of()), new Applied(0, KEY), 0);
        state.freeze(new Applied(1, KEY), List.of());
        Frozen flushed = state.awaitFrozen();
        assertThat(flushed).isNotNull();
        long start = System.nanoTime();
        state.yieldToFlush();
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
        CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 2000; i++) {
                state.yieldToFlush();
            }
        });
        if (flushed != null) {
            state.installFlushed(flushed, new Levels(List.of()));
        }
        CompletableFuture<Void> flusher = CompletableFuture.runAsync(state::awaitFrozen);
        waiting.get(50, TimeUnit.SECONDS);
        state.close();
        flusher.get(10, TimeUnit.SECONDS);
    }

    @Test
    void shouldGiveWayAtEveryMebibyteAndGiveUpWhenToldTo() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger number = new AtomicInteger();
        Compaction.Expected expected = new Compaction.Expected(5 << 20, 1000, 1, 100);
        Compaction output = new Compaction(disk, OPTIONS, number::incrementAndGet, calls::incrementAndGet, 0);
        output.writeWhole(rows(), 1, expected);
        assertThat(calls.get()).isBetween(4, 5);
        output.take().discard();
        Compaction givenUp = new Compaction(
                disk,
                OPTIONS,
                number::incrementAndGet,
                () -> {
                    throw new IllegalStateException("closed");
                },
                0);
        assertThatThrownBy(() -> givenUp.writeWhole(rows(), 1, expected)).hasMessage("closed");
        assertThat(disk.list()).isEmpty();
    }

    private static RowCursor rows() {
        AtomicInteger row = new AtomicInteger();
        return () -> {
            int number = row.incrementAndGet();
            byte[] key = {(byte) number};
            return number > 50
                    ? null
                    : new EncodedRow(Encoding.rowKey(Histories.ROWS, key, number), false, new byte[100_000]);
        };
    }
}
