// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.OverloadedException;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.internal.time.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UnderWayTest {

    private static final Ticker TICKER = Ticker.system();

    private static CallContext context(Duration deadline) {
        return new CallContext("put", TICKER.nanoTime() + deadline.toNanos(), false);
    }

    private static UnderWay underWay(DispatchOptions.WhenFull whenFull) {
        return new UnderWay(new DispatchOptions.Limit(3, 100, whenFull), TICKER, thread -> false);
    }

    @Test
    void shouldCountCallsAndBytes() {
        UnderWay underWay = underWay(DispatchOptions.WhenFull.FAIL);
        CallContext call = context(Duration.ofSeconds(5));
        assertThat(underWay.enter(call, 60)).isNull();
        assertThat(underWay.enter(call, 60)).isInstanceOf(OverloadedException.class);
        assertThat(underWay.enter(call, 20)).isNull();
        assertThat(underWay.enter(call, 20)).isNull();
        assertThat(underWay.enter(call, 0)).isInstanceOf(OverloadedException.class);
        underWay.leave(60);
        assertThat(underWay.enter(call, 60)).isNull();
        underWay.leave(60);
        underWay.leave(20);
        underWay.leave(20);
        assertThat(underWay.calls()).isZero();
        assertThat(underWay.enter(call, 1_000)).isNull();
    }

    @Test
    void shouldLetACallWaitForRoom() throws Exception {
        UnderWay underWay = underWay(DispatchOptions.WhenFull.BLOCK);
        assertThat(underWay.enter(context(Duration.ofSeconds(60)), 100)).isNull();
        CompletableFuture<String> waiting = waiter(underWay, 10, 1);
        underWay.leave(100);
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("null");
    }

    private static CompletableFuture<String> waiter(UnderWay underWay, long bytes, int place) throws Exception {
        CompletableFuture<String> entered = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> entered.complete(String.valueOf(underWay.enter(context(Duration.ofSeconds(60)), bytes))));
        thread.setDaemon(true);
        thread.start();
        awaitWaiting(underWay, place);
        return entered;
    }

    private static void awaitWaiting(UnderWay underWay, int count) {
        long end = TICKER.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (underWay.waiting() < count) {
            assertThat(TICKER.nanoTime()).as("it never came to wait").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldNotLetSmallCallsPassALargeOneThatWaits() throws Exception {
        UnderWay underWay = underWay(DispatchOptions.WhenFull.BLOCK);
        assertThat(underWay.enter(context(Duration.ofSeconds(60)), 60)).isNull();
        CompletableFuture<String> large = waiter(underWay, 95, 1);
        CompletableFuture<String> small = waiter(underWay, 10, 2);
        underWay.leave(60);
        assertThat(large.get(30, TimeUnit.SECONDS)).isEqualTo("null");
        assertThat(small).isNotDone();
        underWay.leave(95);
        assertThat(small.get(30, TimeUnit.SECONDS)).isEqualTo("null");
    }

    @Test
    void shouldLetAllInForWhomThereIsRoom() throws Exception {
        UnderWay underWay = underWay(DispatchOptions.WhenFull.BLOCK);
        assertThat(underWay.enter(context(Duration.ofSeconds(60)), 100)).isNull();
        CompletableFuture<String> first = waiter(underWay, 10, 1);
        CompletableFuture<String> second = waiter(underWay, 10, 2);
        underWay.leave(100);
        assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo("null");
        assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo("null");
    }

    @Test
    void shouldLetTheNextGoWhenTheFirstGivesUp() throws Exception {
        UnderWay underWay = underWay(DispatchOptions.WhenFull.BLOCK);
        assertThat(underWay.enter(context(Duration.ofSeconds(60)), 60)).isNull();
        CompletableFuture<String> first = new CompletableFuture<>();
        Thread thread =
                new Thread(() -> first.complete(String.valueOf(underWay.enter(context(Duration.ofSeconds(60)), 95))));
        thread.setDaemon(true);
        thread.start();
        awaitWaiting(underWay, 1);
        CompletableFuture<String> second = waiter(underWay, 10, 2);
        thread.interrupt();
        assertThat(first.get(30, TimeUnit.SECONDS)).contains("interrupted");
        assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo("null");
    }

    @Test
    void shouldSayThatItWasInterruptedAndDidNotBegin() {
        UnderWay underWay = underWay(DispatchOptions.WhenFull.BLOCK);
        assertThat(underWay.enter(context(Duration.ofSeconds(60)), 100)).isNull();
        Thread.currentThread().interrupt();
        TidemarkException refused = underWay.enter(context(Duration.ofSeconds(60)), 10);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(refused)
                .isInstanceOfSatisfying(
                        UnavailableException.class,
                        interrupted -> assertThat(interrupted.reason()).isEqualTo("INTERRUPTED"));
        assertThat(underWay.calls()).isEqualTo(1);
    }

    @Test
    void shouldWaitNoLongerThanTheDeadline() {
        UnderWay underWay = underWay(DispatchOptions.WhenFull.BLOCK);
        assertThat(underWay.enter(context(Duration.ofSeconds(60)), 100)).isNull();
        assertThat(underWay.enter(context(Duration.ofMillis(5)), 10)).isInstanceOf(OverloadedException.class);
    }
}
