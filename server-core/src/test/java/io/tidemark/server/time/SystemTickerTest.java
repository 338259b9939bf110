// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class SystemTickerTest {

    private long real;
    private long monotonic = 7;
    private long wall = 1_790_000_000_000_000_000L;
    private final SystemTicker ticker = new SystemTicker(() -> monotonic, () -> wall);

    private void pass(Duration time) {
        real += time.toNanos();
        monotonic += time.toNanos();
        wall += time.toNanos();
    }

    private void suspended(Duration time) {
        real += time.toNanos();
        wall += time.toNanos();
    }

    private void set(Duration by) {
        wall += by.toNanos();
    }

    private void look() {
        Moment unused = ticker.now();
    }

    /** Neither clock has measured the whole of it: the wall clock went back, and the monotonic one stood still afterwards. */
    @Test
    void shouldCountASuspensionAfterTheWallClockWasSetBack() {
        Moment before = ticker.now();
        pass(Duration.ofMillis(50));
        set(Duration.ofHours(-6));
        look();
        pass(Duration.ofMillis(50));
        look();
        suspended(Duration.ofSeconds(3));

        assertThat(before.elapsedTo(ticker.now())).isGreaterThanOrEqualTo(Duration.ofMillis(3_100));
    }

    @Test
    void shouldCountASuspensionBeforeTheWallClockIsSetBack() {
        Moment before = ticker.now();
        suspended(Duration.ofSeconds(3));
        look();
        set(Duration.ofHours(-6));
        look();
        pass(Duration.ofMillis(50));

        assertThat(before.elapsedTo(ticker.now())).isGreaterThanOrEqualTo(Duration.ofMillis(3_050));
    }

    @Test
    void shouldNotCountAStepTwice() {
        set(Duration.ofHours(3));
        look();
        Moment before = ticker.now();
        pass(Duration.ofMillis(100));
        look();
        pass(Duration.ofMillis(100));

        assertThat(before.elapsedTo(ticker.now())).isBetween(Duration.ofMillis(200), Duration.ofMillis(201));
    }

    @Test
    void shouldCountASuspensionAfterASmallStepWasTakenBack() {
        set(Duration.ofNanos(200_000));
        Moment before = ticker.now();
        set(Duration.ofHours(-1));
        look();
        suspended(Duration.ofMillis(85));

        assertThat(before.elapsedTo(ticker.now())).isGreaterThanOrEqualTo(Duration.ofMillis(85));
    }

    @RepeatedTest(20)
    void shouldNeverSayLessThanHasPassed() {
        SplittableRandom random = new SplittableRandom();
        Moment before = ticker.now();
        long began = real;
        for (int i = 0; i < 200; i++) {
            // Of every size: small steps must not hide behind large ones.
            Duration time = Duration.ofNanos(10_000 + random.nextLong(100_000_000 >> random.nextInt(12)));
            switch (random.nextInt(4)) {
                case 0 -> suspended(time.multipliedBy(random.nextInt(100)));
                case 1 -> set(time.multipliedBy(random.nextInt(-100_000, 100_000)));
                default -> pass(time);
            }
            Moment now = ticker.now();
            assertThat(before.elapsedTo(now)).isGreaterThanOrEqualTo(Duration.ofNanos(real - began));
            if (random.nextInt(5) == 0) {
                before = now;
                began = real;
            }
        }
    }
}
