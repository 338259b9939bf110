// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

/**
 * How far a session has seen: an index of one history. A read that carries it sees at least that index.
 *
 * <p>As text it is {@code tm1.<history id>.<index>}: printable, free of characters that headers, cookies or URLs would
 * mangle, and versioned by its prefix. To users it is opaque; only this class takes it apart.
 */
public record SessionToken(HistoryId history, long index) {

    private static final String PREFIX = "tm1.";
    private static final int INDEX_START = PREFIX.length() + HistoryId.LENGTH + 1;
    private static final int INDEX_DIGITS_MAX = 19;

    public SessionToken {
        if (index < 0) {
            throw new IllegalArgumentException("session token index: " + index + " (expected: >= 0)");
        }
    }

    /**
     * Reads a token.
     *
     * @throws IllegalArgumentException if the text is not a token of this version; the message can be shown to users
     */
    public static SessionToken parse(String text) {
        if (!text.startsWith(PREFIX) || text.length() <= INDEX_START || text.charAt(INDEX_START - 1) != '.') {
            throw notAToken(text);
        }
        String history = text.substring(PREFIX.length(), INDEX_START - 1);
        String digits = text.substring(INDEX_START);
        if (!HistoryId.isValid(history) || !isCanonicalNumber(digits)) {
            throw notAToken(text);
        }
        try {
            return new SessionToken(new HistoryId(history), Long.parseLong(digits));
        } catch (NumberFormatException e) {
            throw notAToken(text);
        }
    }

    /**
     * The token that covers both: what a session has seen after reading under each.
     *
     * @throws IllegalArgumentException if they are of different histories, which have no common order
     */
    public SessionToken merge(SessionToken other) {
        if (!history.equals(other.history)) {
            throw new IllegalArgumentException(
                    "session tokens of different histories cannot be merged: " + history + " and " + other.history
                            + " (the cluster was restored or recovered in between: start a new session)");
        }
        return index >= other.index ? this : other;
    }

    /** The printable form. */
    public String text() {
        return PREFIX + history.text() + "." + index;
    }

    @Override
    public String toString() {
        return text();
    }

    /** One spelling per token, so that tokens can be compared as text: ASCII digits, no sign, no leading zero. */
    private static boolean isCanonicalNumber(String digits) {
        if (digits.length() > INDEX_DIGITS_MAX || (digits.length() > 1 && digits.charAt(0) == '0')) {
            return false;
        }
        return digits.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static IllegalArgumentException notAToken(String text) {
        String shown = text.length() <= 64 ? text : text.substring(0, 64) + "...";
        return new IllegalArgumentException(
                "session token: '" + shown + "' (expected: tm1.<history id>.<index>, as a server or SDK gave it)");
    }
}
