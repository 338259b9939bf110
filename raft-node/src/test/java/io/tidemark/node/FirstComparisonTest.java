// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.confirm.Confirmed;
import io.tidemark.server.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FirstComparisonTest {

    private static final Duration LIMIT = Duration.ofMillis(800);

    private final ManualTime time = new ManualTime();
    private final List<CompletableFuture<Confirmed>> rounds = new ArrayList<>();
    private final List<Long> compared = new ArrayList<>();
    private long term = 3;
    private final FirstComparison comparison =
            new FirstComparison("n1", this::round, () -> term, compared::add, LIMIT, time, time);

    private CompletableFuture<Confirmed> round() {
        rounds.add(new CompletableFuture<>());
        return last();
    }

    private CompletableFuture<Confirmed> last() {
        return rounds.get(rounds.size() - 1);
    }

    @Test
    void shouldLetTheLeaderGoOnOnceItsClockIsCompared() {
        comparison.begin(3);
        time.pass(LIMIT.dividedBy(2));
        assertThat(compared).isEmpty();

        last().complete(new Confirmed(time.now(), 3, 100));
        assertThat(compared).containsExactly(3L);
        assertThat(rounds).hasSize(1);
    }

    @Test
    void shouldTryAgainWhileThereIsTime() {
        comparison.begin(3);
        last().completeExceptionally(new IllegalStateException("not ready"));
        assertThat(compared).isEmpty();
        time.pass(FirstComparison.RETRY_PAUSE);
        assertThat(rounds).hasSize(2);

        last().complete(new Confirmed(time.now(), 3, 100));
        assertThat(compared).containsExactly(3L);
    }

    @Test
    void shouldGoOnWithoutWhereNoMajorityAnswers() {
        comparison.begin(3);
        time.pass(LIMIT);
        last().completeExceptionally(new IllegalStateException("no majority"));

        assertThat(compared).containsExactly(3L);
        time.pass(LIMIT);
        assertThat(rounds).hasSize(1);
    }

    @Test
    void shouldEndWithItsTerm() {
        comparison.begin(3);
        CompletableFuture<Confirmed> first = last();
        term = 5;
        comparison.begin(5);
        last().complete(new Confirmed(time.now(), 5, 100));
        first.completeExceptionally(new IllegalStateException("not the leader"));
        time.pass(LIMIT);

        assertThat(compared).containsExactly(5L);
        assertThat(rounds).hasSize(2);
    }
}
