// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MomentTest {

    private static final long SECOND = 1_000_000_000L;
    private static final Moment START = new Moment(-5 * SECOND, 1_000 * SECOND);

    private static Moment later(long monotonic, long wall) {
        return new Moment(START.monotonicNanos() + monotonic, START.wallNanos() + wall);
    }

    @Test
    void shouldCountWhatTheFasterClockSaysAndItsDrift() {
        Duration atLeast = Duration.ofNanos(10 * SECOND + 10 * SECOND / 2000);
        assertThat(START.elapsedTo(later(10 * SECOND, 10 * SECOND))).isGreaterThan(atLeast);
        assertThat(START.elapsedTo(later(10 * SECOND, 10 * SECOND))).isLessThan(atLeast.plusMillis(1));
    }

    /** A suspended machine: the monotonic clock stood still. */
    @Test
    void shouldCountASuspension() {
        assertThat(START.elapsedTo(later(SECOND, 3_600 * SECOND))).isGreaterThan(Duration.ofHours(1));
    }

    @Test
    void shouldNotShrinkWhenTheWallClockIsSetBack() {
        assertThat(START.elapsedTo(later(2 * SECOND, -3_600 * SECOND))).isGreaterThan(Duration.ofSeconds(2));
    }

    /** Zero would claim that nothing can have been acknowledged meanwhile. */
    @Test
    void shouldNeverBeZero() {
        assertThat(START.elapsedTo(START)).isPositive();
        assertThat(START.elapsedTo(later(-SECOND, -SECOND))).isPositive();
    }

    @Test
    void shouldOrderAcrossTheOverflowOfTheMonotonicClock() {
        Moment before = new Moment(Long.MAX_VALUE - 1, 0);
        Moment after = new Moment(Long.MIN_VALUE + 1, 0);
        assertThat(before.isNotAfter(after)).isTrue();
        assertThat(after.isNotAfter(before)).isFalse();
        assertThat(before.elapsedTo(after)).isLessThan(Duration.ofNanos(10));
    }
}
