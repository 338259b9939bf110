// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class CallsUnderWayTest {

    @Test
    void shouldWaitUntilThereAreNone() {
        Queue<Long> counts = new ArrayDeque<>(List.of(3L, 1L, 0L, 0L));

        assertThat(new CallsUnderWay(counts::remove).awaitNone(Duration.ofMinutes(10)))
                .isTrue();
        assertThat(counts).isEmpty();
    }

    @Test
    void shouldNotBelieveThatThereAreNoneWhenItIsSoOnlyOnce() {
        Queue<Long> counts = new ArrayDeque<>(List.of(0L, 1L, 0L, 0L));

        assertThat(new CallsUnderWay(counts::remove).awaitNone(Duration.ofMinutes(10)))
                .isTrue();
        assertThat(counts).isEmpty();
    }

    @Test
    void shouldGiveUpAfterItsTime() {
        assertThat(new CallsUnderWay(() -> 1).awaitNone(Duration.ofMillis(20))).isFalse();
        assertThat(new CallsUnderWay(() -> 1).awaitNone(Duration.ZERO)).isFalse();
        assertThat(new CallsUnderWay(() -> 0).awaitNone(Duration.ZERO)).isTrue();
    }

    @Test
    void shouldEndWhenInterrupted() {
        Thread.currentThread().interrupt();

        assertThat(new CallsUnderWay(() -> 1).awaitNone(Duration.ofMinutes(10))).isFalse();
        assertThat(Thread.interrupted()).isTrue();
    }
}
