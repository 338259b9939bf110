// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.tidemark.replica.feed.core.ProofListener;
import io.tidemark.server.freshness.Proof;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Reads that ask for a proof. Those that come while the feed's thread is busy take one step of it together, and those that one proof lets in
 * go on by handfuls, where they came from: to hand each of them from thread to thread would cost more than to answer it. For any thread.
 */
final class GatheredAsks {

    /** Few enough for several processors to share what one proof lets in. */
    private static final int HANDFUL = 16;

    /** A read, and where it goes on. */
    private record Asked(CompletableFuture<Proof> proven, Executor place) {}

    private final Executor feed;
    private final Executor provers;
    private final UnaryOperator<Executor> places;
    private final Consumer<ProofListener> prove;
    private final Function<String, Throwable> notProven;
    private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean gathers = new AtomicBoolean();

    /**
     * @param feed where {@code prove} is called
     * @param provers where reads go on that come from no place of their own
     * @param places gives where the present read came from, or what it is given if that is no such place
     * @param prove sends a probe for that listener, or lets it share the next one
     * @param notProven what a read fails with for that reason
     */
    GatheredAsks(
            Executor feed,
            Executor provers,
            UnaryOperator<Executor> places,
            Consumer<ProofListener> prove,
            Function<String, Throwable> notProven) {
        this.feed = feed;
        this.provers = provers;
        this.places = places;
        this.prove = prove;
        this.notProven = notProven;
    }

    /** By a probe that is sent after this call. */
    CompletableFuture<Proof> ask() {
        CompletableFuture<Proof> proven = new CompletableFuture<>();
        asked.add(new Asked(proven, places.apply(provers)));
        if (gathers.compareAndSet(false, true)) {
            feed.execute(this::gather);
        }
        return proven;
    }

    /** Whoever asks after the first line may be too late for this step, and has another one begun. */
    private void gather() {
        gathers.set(false);
        Map<Executor, List<CompletableFuture<Proof>>> waiting = new LinkedHashMap<>();
        for (Asked next = asked.poll(); next != null; next = asked.poll()) {
            if (!next.proven().isDone()) {
                waiting.computeIfAbsent(next.place(), place -> new ArrayList<>())
                        .add(next.proven());
            }
        }
        if (!waiting.isEmpty()) {
            prove.accept(new Waiting(waiting));
        }
    }

    private final class Waiting implements ProofListener {
        private final Map<Executor, List<CompletableFuture<Proof>>> reads;

        Waiting(Map<Executor, List<CompletableFuture<Proof>>> reads) {
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
            reads.forEach((place, there) -> {
                for (int from = 0; from < there.size(); from += HANDFUL) {
                    List<CompletableFuture<Proof>> handful =
                            there.subList(from, Math.min(from + HANDFUL, there.size()));
                    execute(place, () -> handful.forEach(step));
                }
            });
        }

        /** A place that is being closed takes nothing more, but somebody may still wait. */
        private void execute(Executor place, Runnable step) {
            try {
                place.execute(step);
            } catch (RejectedExecutionException closed) {
                provers.execute(step);
            }
        }
    }
}
