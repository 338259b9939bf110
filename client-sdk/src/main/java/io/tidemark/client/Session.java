// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.api.SessionToken;
import io.tidemark.client.internal.session.Seen;
import java.util.Optional;

/**
 * How far somebody has seen. Reads in a session see everything that was written in it, and never go backwards, whichever server
 * answers.
 *
 * <p>A client has one for all its calls; {@link TidemarkClient#newSession()} begins another, for one user or one request, so that
 * it does not wait for what others wrote. {@link #token()} carries a session to another process, in an HTTP header, a cookie or
 * a message; {@link #from} takes it up there:
 *
 * <!-- snippet session-across-processes -->
 * <pre>{@code
 * Table<String> users = client.table("users");
 * Session here = client.newSession();
 * users.in(here).put("ann", "Ann");
 * String token = here.token().orElseThrow();
 *
 * // In another process, to which the token came in a header:
 * Session there = Session.from(token);
 * String name = users.in(there).get("ann").value().orElseThrow();
 * }</pre>
 *
 * <p>Restoring a cluster from a backup begins a new history, in which what the session saw may not have happened. Calls of a session
 * that saw the old one fail with {@link HistoryChangedException} until {@link #reset()}: forget what was read before (caches,
 * versions, tokens), then reset and read anew.
 *
 * <p>For any thread, without locks.
 */
public final class Session {

    private volatile Seen seen;

    private Session(Seen seen) {
        this.seen = seen;
    }

    /** A session that has seen nothing yet. */
    public static Session create() {
        return new Session(new Seen());
    }

    /**
     * A session that has seen as much as the token says.
     *
     * @param token as {@link #token()} or an answer gave it
     * @throws InvalidRequestException if it is no token
     */
    public static Session from(String token) {
        return new Session(new Seen(Tokens.parse(token)));
    }

    /** What was seen, as a short text that fits into headers, cookies and URLs; empty while nothing was. */
    public Optional<String> token() {
        return seen.token().map(SessionToken::text);
    }

    /** The highest index that was seen; 0 while nothing was. */
    public long index() {
        return seen.index();
    }

    /**
     * Adds what somebody else saw: reads from now on see at least that, too.
     *
     * @throws InvalidRequestException if it is no token
     * @throws HistoryChangedException if it is of another history
     */
    public void advanceTo(String token) {
        SessionToken parsed = Tokens.parse(token);
        Seen current = seen;
        if (!current.add(parsed.history().text(), parsed.index())) {
            throw Tokens.otherHistory(current.historyId(), parsed.history().text());
        }
    }

    /**
     * Begins anew, as if nothing had been seen: the way on after {@link HistoryChangedException}. Calls that are under way do not
     * bring back what they see.
     */
    public void reset() {
        seen = new Seen();
    }

    /** What calls that begin now go by, and add to. */
    Seen seen() {
        return seen;
    }

    @Override
    public String toString() {
        return "Session[" + token().orElse("nothing seen") + "]";
    }
}
