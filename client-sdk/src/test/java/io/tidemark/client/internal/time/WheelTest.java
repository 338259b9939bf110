// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WheelTest {

    private static final long TICK = Wheel.TICK_NANOS;

    @Test
    void shouldMakeEachCallOnceNeverEarlyAndHardlyLate() {
        Random random = new Random(5);
        Wheel wheel = new Wheel(0);
        List<Long> made = new ArrayList<>();
        long[] now = {0};
        int cancelled = 0;
        for (int i = 0; i < 2_000; i++) {
            // Several turns of the wheel.
            long due = (long) (random.nextDouble() * 4_000 * TICK);
            Timers.Pending pending = wheel.add(due, () -> {
                assertThat(now[0]).isBetween(due, due + 3 * TICK);
                made.add(due);
            });
            if (random.nextInt(4) == 0) {
                pending.cancel();
                pending.cancel();
                cancelled++;
            }
        }
        while (now[0] < 4_001 * TICK) {
            long next = Math.min(wheel.nextLook(now[0]), now[0] + 2 * TICK);
            now[0] = Math.max(now[0] + 1, next);
            wheel.advance(now[0]).forEach(Runnable::run);
        }
        assertThat(made).hasSize(2_000 - cancelled);
    }

    @Test
    void shouldSleepWhileNothingIsToCome() {
        Wheel wheel = new Wheel(0);
        assertThat(wheel.nextLook(0)).isGreaterThan(Long.MAX_VALUE / 4);
        Timers.Pending pending = wheel.add(100 * TICK, () -> {});
        assertThat(wheel.nextLook(0)).isEqualTo(101 * TICK);
        pending.cancel();
        assertThat(wheel.nextLook(0)).isGreaterThan(Long.MAX_VALUE / 4);
    }

    @Test
    void shouldGiveBackWhatIsStillToCome() {
        Wheel wheel = new Wheel(0);
        Timers.Pending unused = wheel.add(1_000_000 * TICK, () -> {});
        Timers.Pending cancelled = wheel.add(5 * TICK, () -> {});
        cancelled.cancel();
        assertThat(wheel.drain()).hasSize(1);
        assertThat(wheel.drain()).isEmpty();
    }

    @Test
    void shouldMakeACallSoonThatWasDueBeforeItWasAdded() {
        Wheel wheel = new Wheel(0);
        assertThat(wheel.advance(10 * TICK)).isEmpty();
        Timers.Pending unused = wheel.add(5 * TICK, () -> {});
        assertThat(wheel.nextLook(11 * TICK)).isLessThanOrEqualTo(12 * TICK);
        assertThat(wheel.advance(11 * TICK)).hasSize(1);
    }
}
