// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.tidemark.replica.feed.core.ProofListener;
import io.tidemark.server.freshness.Proof;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads that ask for a proof. All who come before the next probe goes out share it, and only the first of them wakes the feed's thread; those
 * that one proof lets in go on by handfuls. To hand each of them from thread to thread would cost more than to answer it. For any
 * thread.
 */
final class GatheredAsks {

    /** Few enough for several processors to share what one proof lets in. */
    private static final int HANDFUL = 16;

    /** @param before who asked before it for the same probe; null: nobody */
    private record Ask(
            CompletableFuture<Proof> read, @Nullable Ask before) {}

    private final Executor feed;
    private final Executor provers;
    private final Consumer<ProofListener> prove;
    private final Function<String, Throwable> notProven;

    /** Of those who share the next probe the last; null: nobody waits for it. */
    private final AtomicReference<@Nullable Ask> last = new AtomicReference<>();

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
        CompletableFuture<Proof> read = new CompletableFuture<>();
        Ask before = last.getAndUpdate(known -> new Ask(read, known));
        if (before == null) {
            feed.execute(() -> prove.accept(new Waiting()));
        }
        return read;
    }

    /** In the order in which they came. Whoever comes from now on is the first of others. */
    private List<CompletableFuture<Proof>> taken() {
        List<CompletableFuture<Proof>> reads = new ArrayList<>();
        for (Ask ask = last.getAndSet(null); ask != null; ask = ask.before) {
            reads.add(ask.read);
        }
        Collections.reverse(reads);
        return reads;
    }

    /** Stands for all who have asked by the time that its probe begins. */
    private final class Waiting implements ProofListener {
        private @Nullable List<CompletableFuture<Proof>> reads;

        @Override
        public void begins() {
            reads = taken();
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
            // No probe may have begun for them.
            List<CompletableFuture<Proof>> all = reads == null ? taken() : reads;
            for (int from = 0; from < all.size(); from += HANDFUL) {
                List<CompletableFuture<Proof>> handful = all.subList(from, Math.min(from + HANDFUL, all.size()));
                provers.execute(() -> handful.forEach(step));
            }
        }
    }
}
