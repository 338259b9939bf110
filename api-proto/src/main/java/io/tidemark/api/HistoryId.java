// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

/**
 * Names one unbroken history: 16 characters {@code [0-9a-z]}.
 *
 * <p>Indexes of two histories must never be compared: the same number means different states.
 */
public record HistoryId(String text) {

    public static final int LENGTH = 16;

    public HistoryId {
        if (!isValid(text)) {
            throw new IllegalArgumentException("history id: '" + text + "' (expected: 16 characters of 0-9 and a-z)");
        }
    }

    /** Whether {@link #HistoryId} would take it. */
    public static boolean isValid(String text) {
        if (text.length() != LENGTH) {
            return false;
        }
        for (int i = 0; i < LENGTH; i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z')) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return text;
    }
}
