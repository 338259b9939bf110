// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.tidemark.replica.feed.core.ProofListener;
import io.tidemark.server.freshness.Proof;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Reads that ask for a proof. Those that come while the feed's thread is busy take one step of it together, and those that one proof lets in
 * go on by handfuls: to hand each of them from thread to thread would cost more than to answer it. For any thread.
 */
final class GatheredAsks {

    /** Few enough for several processors to share what one proof lets in. */
    private static final int HANDFUL = 16;

    private final Executor feed;
    private final Executor provers;
    private final Consumer<ProofListener> prove;
    private final Function<String, Throwable> notProven;
    private final Queue<CompletableFuture<Proof>> asked = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean gathers = new AtomicBoolean();

    /**
     * @param feed where {@code prove} is called
     * @param provers where reads go on
     * @param prove sends a probe for that listener, or lets it share the next one
     * @param notProven what a read fails with for that reason
     */
    GatheredAsks(
            Executor feed, Executor provers, Consumer<ProofListener> prove, Function<String, Throwable> notProven) {
        this.feed = feed;
        this.provers = provers;
        this.prove = prove;
        this.notProven = notProven;
    }

    /** By a probe that is sent after this call. */
    CompletableFuture<Proof> ask() {
        CompletableFuture<Proof> proven = new CompletableFuture<>();
        asked.add(proven);
        if (gathers.compareAndSet(false, true)) {
            feed.execute(this::gather);
        }
        return proven;
    }

    /** Whoever asks after the first line may be too late for this step, and has another one begun. */
    private void gather() {
        gathers.set(false);
        List<CompletableFuture<Proof>> waiting = new ArrayList<>();
        for (CompletableFuture<Proof> next = asked.poll(); next != null; next = asked.poll()) {
            if (!next.isDone()) {
                waiting.add(next);
            }
        }
        if (!waiting.isEmpty()) {
            prove.accept(new Waiting(waiting));
        }
    }

    private final class Waiting implements ProofListener {
        private final List<CompletableFuture<Proof>> reads;

        Waiting(List<CompletableFuture<Proof>> reads) {
            this.reads = reads;
        }

        @Override
        public void proven(Proof proof) {
            goOn(read -> read.complete(proof));
        }

        @Override
        public void notProven(String why) {
            goOn(read -> read.completeExceptionally(notProven.apply(why)));
        }

        private void goOn(Consumer<CompletableFuture<Proof>> step) {
            for (int from = 0; from < reads.size(); from += HANDFUL) {
                List<CompletableFuture<Proof>> handful = reads.subList(from, Math.min(from + HANDFUL, reads.size()));
                provers.execute(() -> handful.forEach(step));
            }
        }
    }
}
