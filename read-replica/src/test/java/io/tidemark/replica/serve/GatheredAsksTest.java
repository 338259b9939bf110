// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.replica.feed.core.ProofListener;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.Moment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GatheredAsksTest {

    private static final Proof PROOF = new Proof(new Moment(1, 1), 7);

    private final Queue<Runnable> feed = new ArrayDeque<>();
    private final Queue<Runnable> provers = new ArrayDeque<>();
    private final List<ProofListener> probes = new ArrayList<>();
    private final GatheredAsks asks =
            new GatheredAsks(feed::add, provers::add, probes::add, why -> new IllegalStateException(why));

    @Test
    void shouldTakeOneStepOfTheFeedForAllThatComeBeforeTheProbe() {
        List<CompletableFuture<Proof>> reads = new ArrayList<>(ask(50));
        assertThat(feed).hasSize(1);
        runAll(feed);
        reads.addAll(ask(50));
        assertThat(feed).isEmpty();

        assertThat(probes).hasSize(1);
        probes.get(0).begins();
        probes.get(0).proven(PROOF);
        assertThat(provers).hasSizeBetween(2, 10);
        runAll(provers);
        assertThat(reads).allMatch(read -> read.join().equals(PROOF));
    }

    @Test
    void shouldNotLetInByAProbeWhoCameAfterItHadBegun() {
        CompletableFuture<Proof> before = asks.ask();
        runAll(feed);
        probes.get(0).begins();
        CompletableFuture<Proof> after = asks.ask();

        probes.get(0).proven(PROOF);
        runAll(provers);

        assertThat(before).isCompleted();
        assertThat(after).isNotDone();
        runAll(feed);
        probes.get(1).begins();
        probes.get(1).proven(PROOF);
        runAll(provers);
        assertThat(after).isCompleted();
    }

    @Test
    void shouldTellThoseWhoseProbeHasNotBegunToo() {
        List<CompletableFuture<Proof>> reads = new ArrayList<>(ask(2));
        runAll(feed);
        reads.addAll(ask(2));

        probes.get(0).notProven("no node feeds this replica now");
        runAll(provers);

        assertThat(reads).allMatch(CompletableFuture::isCompletedExceptionally);
        CompletableFuture<Proof> later = asks.ask();
        runAll(feed);
        assertThat(probes).hasSize(2);
        assertThat(later).isNotDone();
    }

    @Test
    void shouldTellEachReadWhyNothingIsProven() {
        List<CompletableFuture<Proof>> reads = ask(40);
        runAll(feed);

        probes.get(0).notProven("nobody leads");
        runAll(provers);

        assertThat(reads)
                .allSatisfy(read -> assertThat(read).isCompletedExceptionally())
                .extracting(read -> read.handle((proof, failure) -> failure).join())
                .doesNotHaveDuplicates();
    }

    @Test
    void shouldLetTheOthersInWhenOneHasGivenUp() {
        List<CompletableFuture<Proof>> reads = ask(3);
        runAll(feed);
        probes.get(0).begins();
        reads.get(1).cancel(false);

        probes.get(0).proven(PROOF);
        runAll(provers);

        assertThat(reads.get(0)).isCompleted();
        assertThat(reads.get(2)).isCompleted();
    }

    private List<CompletableFuture<Proof>> ask(int count) {
        return IntStream.range(0, count).mapToObj(i -> asks.ask()).toList();
    }

    private static void runAll(Queue<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }
}
