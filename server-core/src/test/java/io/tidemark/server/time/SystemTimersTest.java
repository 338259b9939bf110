// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SystemTimersTest {

    private final SystemTimers timers = new SystemTimers("timers-test");

    @AfterEach
    void close() {
        timers.close();
    }

    @Test
    void shouldForgetThousandsOfCancelledCallsAtOnce() {
        List<Timers.Pending> pending = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            pending.add(timers.after(Duration.ofHours(1), () -> {}));
        }
        assertThat(timers.pendingCalls()).isEqualTo(10_000);
        pending.forEach(Timers.Pending::cancel);
        assertThat(timers.pendingCalls()).isZero();
    }

    @Test
    void shouldGoOnAfterACallThatFails() throws Exception {
        CompletableFuture<String> called = new CompletableFuture<>();
        Timers.Pending failing = timers.after(Duration.ZERO, () -> {
            throw new IllegalStateException("planted");
        });
        Timers.Pending next = timers.after(Duration.ofMillis(1), () -> called.complete("called"));
        assertThat(called.get(10, TimeUnit.SECONDS)).isEqualTo("called");
        next.cancel();
        failing.cancel();
    }

    @Test
    void shouldTakeAnyDelayAndNoCallOnceClosed() {
        timers.after(Duration.ofSeconds(Long.MAX_VALUE), () -> {}).cancel();
        timers.close();
        timers.after(Duration.ZERO, () -> {}).cancel();
        assertThat(timers.pendingCalls()).isZero();
    }
}
