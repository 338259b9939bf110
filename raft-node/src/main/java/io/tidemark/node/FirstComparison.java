// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.confirm.Confirmed;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a new leader's clock compared with those of the others before it takes a write: log time never goes back, so a wrong clock must
 * not be found out by what it has stamped already. Where no majority answers in time the clock is taken at its word, since writes go
 * on without what clocks are compared over. For any thread.
 */
final class FirstComparison {

    /** Ratis may say a moment later than we know that the leader is ready. */
    static final Duration RETRY_PAUSE = Duration.ofMillis(20);

    private static final Logger LOG = LoggerFactory.getLogger(FirstComparison.class);

    private final String selfId;
    private final Supplier<CompletableFuture<Confirmed>> round;
    private final LongSupplier present;
    private final LongConsumer compared;
    private final Duration limit;
    private final Ticker ticker;
    private final Timers timers;

    /**
     * Compares nothing yet.
     *
     * @param round confirms leadership, and so compares clocks
     * @param present the term that this node is in
     * @param compared told of each term that was begun, once, when it can go on; of none that ended before
     * @param limit after which it goes on without
     */
    FirstComparison(
            String selfId,
            Supplier<CompletableFuture<Confirmed>> round,
            LongSupplier present,
            LongConsumer compared,
            Duration limit,
            Ticker ticker,
            Timers timers) {
        this.selfId = selfId;
        this.round = round;
        this.present = present;
        this.compared = compared;
        this.limit = limit;
        this.ticker = ticker;
        this.timers = timers;
    }

    /** This node leads in a term from now on. */
    void begin(long term) {
        attempt(term, ticker.now());
    }

    private void attempt(long term, Moment begun) {
        CompletableFuture<Confirmed> unused = round.get().whenComplete((confirmed, failure) -> {
            if (present.getAsLong() > term) {
                LOG.debug("the term ended before the clock was compared node={} term={}", selfId, term);
            } else if (failure == null) {
                compared.accept(term);
            } else if (begun.elapsedTo(ticker.now()).compareTo(limit) < 0) {
                timers.after(RETRY_PAUSE, () -> attempt(term, begun));
            } else {
                LOG.warn("the clock could not be compared node={} term={}: {}", selfId, term, failure.getMessage());
                compared.accept(term);
            }
        });
    }
}
