// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SystemTimersTest {

    private final Ticker ticker = Ticker.system();

    @Test
    void shouldMakeACallWhenItIsDue() throws Exception {
        SystemTimers timers = new SystemTimers("test-timer");
        try {
            CompletableFuture<Long> made = new CompletableFuture<>();
            long due = ticker.nanoTime() + Duration.ofMillis(20).toNanos();
            Timers.Pending far = timers.at(due + Duration.ofHours(1).toNanos(), () -> {});
            Timers.Pending near = timers.at(due, () -> made.complete(ticker.nanoTime()));
            assertThat(made.get(30, TimeUnit.SECONDS) - due).isNotNegative();
            near.cancel();
            far.cancel();
        } finally {
            timers.close();
        }
    }

    @Test
    void shouldMakeAllCallsWhenItIsClosed() throws Exception {
        SystemTimers timers = new SystemTimers("test-timer");
        CompletableFuture<Boolean> made = new CompletableFuture<>();
        Timers.Pending unused =
                timers.at(ticker.nanoTime() + Duration.ofHours(1).toNanos(), () -> made.complete(true));
        timers.close();
        assertThat(made.get(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldKnowItsThread() throws Exception {
        SystemTimers timers = new SystemTimers("test-timer");
        try {
            CompletableFuture<Thread> made = new CompletableFuture<>();
            Timers.Pending unused = timers.at(ticker.nanoTime(), () -> made.complete(Thread.currentThread()));
            assertThat(timers.ownsThread(made.get(30, TimeUnit.SECONDS))).isTrue();
            assertThat(timers.ownsThread(Thread.currentThread())).isFalse();
        } finally {
            timers.close();
        }
    }
}
