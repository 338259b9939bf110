// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.config;

import java.util.Collection;
import java.util.Comparator;

/** Names that somebody mistyped, and what was probably meant. */
public final class Names {

    /** One wrong letter in so many may be a slip of the pen; more is another word. */
    private static final int LETTERS_PER_SLIP = 4;

    private Names() {}

    /** The nearest known name, or all of them. */
    public static String suggestion(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .filter(candidate -> distance(name, candidate) <= Math.max(1, name.length() / LETTERS_PER_SLIP))
                .map(candidate -> "did you mean " + candidate + "?")
                .orElseGet(() -> known.isEmpty()
                        ? "none is known here"
                        : "known are: "
                                + String.join(", ", known.stream().sorted().toList()));
    }

    /** Levenshtein's distance: how many letters to add, drop or change. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
