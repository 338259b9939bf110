// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

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

    /** @param proof that was there before the view, and holds for it */
    Admission(StoreView view, @Nullable Proof proof, Ticker ticker, @Nullable Unmet unmet) {
        this.view = view;
        this.proof = proof;
        this.ticker = ticker;
        this.unmet = unmet;
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

    /** What was asked and is not met; empty if all of it is. */
    public Optional<Unmet> unmet() {
        return Optional.ofNullable(unmet);
    }

    @Override
    public void close() {
        view.close();
    }
}
