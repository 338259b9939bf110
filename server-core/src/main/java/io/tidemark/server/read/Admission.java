// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.Unmet;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.Ticker;
import io.tidemark.store.state.StoreView;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The state that a read is answered from, and what is proven of it. Whoever holds it closes it. */
public final class Admission implements AutoCloseable {

    private final StoreView view;
    private final @Nullable Proof proof;
    private final Ticker ticker;
    private final @Nullable Unmet unmet;
    private final @Nullable Bound bound;

    /**
     * What a read was let in by that is met for a while only.
     *
     * @param proof that meets it; where a lag is allowed it may be of an index above the view's
     * @param serveUnmet it may be answered when the bound has passed
     */
    record Bound(ReadAsk.Recent asked, Duration maxStaleness, Proof proof, boolean serveUnmet, ReadErrors errors) {

        boolean hasPassed(Ticker ticker) {
            return proof.staleness(ticker.now()).compareTo(maxStaleness) > 0;
        }
    }

    /**
     * @param proof that was there before the view, and holds for it
     * @param bound null: none, or it does not pass
     */
    Admission(StoreView view, @Nullable Proof proof, Ticker ticker, @Nullable Unmet unmet, @Nullable Bound bound) {
        this.view = view;
        this.proof = proof;
        this.ticker = ticker;
        this.unmet = unmet;
        this.bound = bound;
    }

    public StoreView view() {
        return view;
    }

    /** How stale the state is at most, by now: ask when all of it has been read. Empty: unknown. */
    public Optional<Duration> staleness() {
        return Optional.ofNullable(proof).map(holding -> holding.staleness(ticker.now()));
    }

    /** Everything acknowledged to anyone before that proof was begun lies at or below this index; empty: nothing is proven. */
    public OptionalLong provenIndex() {
        return proof == null ? OptionalLong.empty() : OptionalLong.of(proof.index());
    }

    /** What was asked and is not met, by now: ask when all has been read. Empty if all of it is. */
    public Optional<Unmet> unmet() {
        Bound limit = bound;
        if (unmet == null && limit != null && limit.hasPassed(ticker)) {
            return Optional.of(limit.errors().passed(limit.asked(), staleness().orElse(null)));
        }
        return Optional.ofNullable(unmet);
    }

    /**
     * What a read fails with that met its bound when it was let in and does so no more, because reading took too long, or the
     * process stood still meanwhile: ask when all has been read. Empty: it is met still, or may be answered unmet.
     */
    public Optional<StatusRuntimeException> tooLate() {
        Bound limit = bound;
        return limit == null || limit.serveUnmet() || !limit.hasPassed(ticker)
                ? Optional.empty()
                : Optional.of(limit.errors()
                        .tooStale(
                                limit.errors().passed(limit.asked(), staleness().orElse(null)), null));
    }

    @Override
    public void close() {
        view.close();
    }
}
