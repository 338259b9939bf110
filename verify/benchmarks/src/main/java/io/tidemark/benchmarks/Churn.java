// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * Writes at an even pace on one thread and makes checkpoints on another until closed. A checkpoint every half second
 * makes a table, so that compaction runs about every other second.
 */
final class Churn implements AutoCloseable {
    static final String TITLE = "20k rows/s and 2 checkpoints/s";

    private static final int COMMIT_ROWS = 100;
    private static final long COMMIT_NANOS = 5_000_000;
    private static final Duration BETWEEN_CHECKPOINTS = Duration.ofMillis(500);

    private final CompletableFuture<Void> writer;
    private final CompletableFuture<Void> checkpointer;
    private volatile boolean stopped;

    Churn(Contender store, Dataset data, SplittableRandom random, int version) {
        writer = started(() -> {
            long due = System.nanoTime();
            while (!stopped) {
                data.changeOnce(store, COMMIT_ROWS, random, version);
                due += COMMIT_NANOS;
                Pause.until(due);
            }
        });
        checkpointer = started(() -> {
            while (!stopped) {
                Pause.of(BETWEEN_CHECKPOINTS);
                store.checkpoint();
            }
        });
    }

    private static CompletableFuture<Void> started(Runnable work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    /** Throws when writing has failed. */
    void check() {
        if (writer.isCompletedExceptionally() || checkpointer.isCompletedExceptionally()) {
            CompletableFuture.allOf(writer, checkpointer).join();
        }
    }

    @Override
    public void close() {
        stopped = true;
        CompletableFuture.allOf(writer, checkpointer).join();
    }
}
