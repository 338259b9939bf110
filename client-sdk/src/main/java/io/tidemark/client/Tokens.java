// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.api.SessionToken;
import io.tidemark.client.InvalidRequestException.FieldViolation;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes session tokens apart, and fails as every other call does. */
final class Tokens {

    private Tokens() {}

    static SessionToken parse(String token) {
        try {
            return SessionToken.parse(token);
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw new InvalidRequestException(
                    new Failure(message, "BAD_SESSION_TOKEN"), e, List.of(new FieldViolation("token", message)));
        }
    }

    /** The token that covers both. */
    static SessionToken merge(SessionToken one, SessionToken other) {
        if (!one.history().equals(other.history())) {
            throw otherHistory(one.history().text(), other.history().text());
        }
        return one.merge(other);
    }

    /**
     * The history that something happens in which needs one of both.
     *
     * @param seen what a session has seen; empty: nothing yet
     * @param needed null: any
     * @throws HistoryChangedException if they are two
     */
    static String common(String seen, @Nullable String needed) {
        if (needed == null) {
            return seen;
        }
        if (!seen.isEmpty() && !seen.equals(needed)) {
            throw otherHistory(seen, needed);
        }
        return needed;
    }

    static HistoryChangedException otherHistory(String asked, String actual) {
        return new HistoryChangedException(
                new Failure(
                        "history: this session has seen " + asked + ", and this is of " + actual
                                + ": the cluster was restored or recovered in between. Forget what was read before, then"
                                + " Session.reset() and read anew",
                        "HISTORY_CHANGED",
                        Map.of("asked_history_id", asked, "actual_history_id", actual),
                        List.of()),
                null,
                asked,
                actual);
    }
}
