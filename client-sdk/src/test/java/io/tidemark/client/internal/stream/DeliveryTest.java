// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.ClosedException;
import io.tidemark.client.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DeliveryTest {

    private final Buffer<List<Integer>> buffer = new Buffer<>(100);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Intake<List<Integer>, Integer> intake =
            new Intake<>(buffer, List::iterator, () -> ended.complete(null));
    private final List<Integer> told = new ArrayList<>();
    private final List<@Nullable Throwable> overs = new ArrayList<>();

    @Test
    void shouldTellAllAndThenThatItIsOver() {
        deliver(Runnable::run, told::add);
        buffer.put(List.of(1, 2), 10);
        buffer.put(List.of(3), 10);
        buffer.end(null);
        buffer.end(null);

        assertThat(told).containsExactly(1, 2, 3);
        assertThat(overs).hasSize(1).containsOnlyNulls();
    }

    @Test
    void shouldTellWhatCameBeforeAFailure() {
        buffer.put(List.of(1), 10);
        ClosedException failure = new ClosedException(new Failure("closed", "CLIENT_CLOSED"), null);
        buffer.end(failure);
        deliver(Runnable::run, told::add);

        assertThat(told).containsExactly(1);
        assertThat(overs).containsExactly(failure);
    }

    @Test
    void shouldEndWithAListenerThatThrows() {
        IllegalStateException failure = new IllegalStateException("listener");
        deliver(Runnable::run, next -> {
            told.add(next);
            throw failure;
        });
        buffer.put(List.of(1, 2), 10);
        buffer.put(List.of(3), 10);

        assertThat(told).containsExactly(1);
        assertThat(overs).containsExactly(failure);
        assertThat(ended).isCompleted();
    }

    @Test
    void shouldTellNothingAfterItWasClosedByItsListener() {
        Delivery<Integer> delivery = new Delivery<>(
                intake,
                Runnable::run,
                next -> {
                    told.add(next);
                    intake.close();
                },
                overs::add);
        delivery.start();
        buffer.put(List.of(1, 2), 10);
        buffer.put(List.of(3), 10);

        assertThat(told).containsExactly(1);
        assertThat(overs).hasSize(1).containsOnlyNulls();
    }

    @Test
    void shouldTellOneAfterTheOtherWhoeverFillsTheBuffer() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            CompletableFuture<Void> over = new CompletableFuture<>();
            Delivery<Integer> delivery = new Delivery<>(intake, executor, told::add, why -> over.complete(null));
            delivery.start();
            for (int i = 0; i < 10_000; i++) {
                buffer.put(List.of(i), 1);
            }
            buffer.end(null);

            over.get(20, TimeUnit.SECONDS);
            assertThat(told)
                    .containsExactlyElementsOf(
                            IntStream.range(0, 10_000).boxed().toList());
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void shouldTellOnAThreadOfItsOwnWhatTheExecutorDoesNotTake() throws Exception {
        CompletableFuture<Thread> teller = new CompletableFuture<>();
        CompletableFuture<@Nullable Throwable> over = new CompletableFuture<>();
        Executor full = task -> {
            throw new RejectedExecutionException();
        };
        new Delivery<Integer>(intake, full, next -> teller.complete(Thread.currentThread()), over::complete).start();

        buffer.put(List.of(1), 10);
        buffer.end(null);

        assertThat(over.get(20, TimeUnit.SECONDS)).isNull();
        assertThat(teller.join()).isNotSameAs(Thread.currentThread());
        assertThat(teller.join().isDaemon()).isTrue();
    }

    private void deliver(Executor executor, Delivery.Listener<Integer> listener) {
        new Delivery<>(intake, executor, listener, overs::add).start();
    }
}
