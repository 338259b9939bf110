// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import java.util.Collection;
import java.util.Comparator;

/** What was probably meant by a name that nobody knows: of an option, a field, a member. */
public final class NearestName {

    /** One wrong letter in so many may be a slip of the pen; more is another word. */
    private static final int LETTERS_PER_SLIP = 4;

    private NearestName() {}

    /** Words for an error: the nearest known name, or all of them. */
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

    /** How many letters to add, drop or change, or neighbours to swap. */
    private static int distance(String from, String to) {
        int[][] rows = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    rows[i][j] = i + j;
                    continue;
                }
                int change = rows[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                rows[i][j] = Math.min(change, 1 + Math.min(rows[i - 1][j], rows[i][j - 1]));
                if (i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
                }
            }
        }
        return rows[from.length()][to.length()];
    }
}
