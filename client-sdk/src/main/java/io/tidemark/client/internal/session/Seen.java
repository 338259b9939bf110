// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.session;

import io.tidemark.api.HistoryId;
import io.tidemark.api.SessionToken;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The highest index seen of one history. A call takes the one that is in force when it begins and adds its answer to that very
 * one, so that an answer which was under way when a session was reset does not bring the old history back.
 *
 * <p>For any thread, without locks: an index that is not higher than what is known writes nothing.
 */
public final class Seen {

    private final AtomicReference<@Nullable String> historyId = new AtomicReference<>();
    private final AtomicLong index = new AtomicLong();

    /** Nothing yet, of no history. */
    public Seen() {}

    /** As much as the token says. */
    public Seen(SessionToken token) {
        historyId.setPlain(token.history().text());
        index.setPlain(token.index());
    }

    /** The history; empty while nothing was seen. */
    public String historyId() {
        String known = historyId.get();
        return known == null ? "" : known;
    }

    /** The highest index seen; 0 while nothing was. Above 0 only when the history is known. */
    public long index() {
        return index.get();
    }

    /**
     * Adds what an answer said.
     *
     * @return false if it is of another history than what was seen before, and nothing was added
     */
    public boolean add(String answeredHistoryId, long answeredIndex) {
        // The history comes before the index, so that nobody sees an index without its history.
        if (historyId.get() == null && !answeredHistoryId.isEmpty()) {
            historyId.compareAndSet(null, answeredHistoryId);
        }
        if (!answeredHistoryId.equals(historyId.get())) {
            return false;
        }
        if (answeredIndex > index.get()) {
            index.accumulateAndGet(answeredIndex, Math::max);
        }
        return true;
    }

    /** What was seen, to carry elsewhere; empty while nothing was. */
    public Optional<SessionToken> token() {
        long seen = index.get();
        String history = historyId.get();
        return history == null ? Optional.empty() : Optional.of(new SessionToken(new HistoryId(history), seen));
    }
}
