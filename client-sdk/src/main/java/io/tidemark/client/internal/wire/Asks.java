// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.wire;

import io.tidemark.api.SessionToken;
import io.tidemark.client.Consistency;
import io.tidemark.client.ReadOptions;
import io.tidemark.client.internal.dispatch.ReadAsk;
import java.time.Duration;

/** What a read asks for, as the dispatcher takes it. */
public final class Asks {

    private static final ReadAsk.Base LINEARIZABLE = new ReadAsk.Base.Linearizable();
    private static final ReadAsk.Base APPLIED = new ReadAsk.Base.Applied();

    private Asks() {}

    /** Whether it cannot be asked without knowing the history. */
    public static boolean needsHistory(Consistency consistency) {
        return consistency instanceof Consistency.AsOfIndex;
    }

    /** One word for metrics and traces. */
    public static String label(Consistency consistency) {
        if (consistency instanceof Consistency.Relaxed relaxed) {
            if (relaxed.maxStaleness() != null || relaxed.maxLag() != null) {
                return "bounded";
            }
            return relaxed.inSession() ? "session" : "eventual";
        }
        return consistency instanceof Consistency.Linearizable ? "linearizable" : "as_of";
    }

    /**
     * Puts together what is asked.
     *
     * @param historyId the history that the session is in; empty: none yet
     * @param seenIndex the highest index that it has seen there
     */
    public static ReadAsk ask(Consistency consistency, ReadOptions options, String historyId, long seenIndex) {
        ReadAsk.Base base = APPLIED;
        long floor = 0;
        String history = historyId;
        Duration maxStaleness = null;
        Long maxLag = null;
        if (consistency instanceof Consistency.Relaxed relaxed) {
            floor = relaxed.inSession() ? seenIndex : 0;
            maxStaleness = relaxed.maxStaleness();
            maxLag = relaxed.maxLag();
            String atLeast = relaxed.atLeast();
            if (atLeast != null) {
                SessionToken token = SessionToken.parse(atLeast);
                // A token of another history is for the servers to refuse: they know which one is the present one.
                boolean same =
                        history.isEmpty() || history.equals(token.history().text());
                floor = same ? Math.max(floor, token.index()) : token.index();
                history = token.history().text();
            }
        } else if (consistency instanceof Consistency.AsOfIndex asOf) {
            base = new ReadAsk.Base.AsOfIndex(asOf.index());
        } else if (consistency instanceof Consistency.AsOfTime asOf) {
            base = new ReadAsk.Base.AsOfTime(asOf.time());
        } else {
            base = LINEARIZABLE;
        }
        return new ReadAsk(
                base, maxStaleness, maxLag, floor, history, options.maxWait().orElse(null), options.serveUnmet());
    }
}
