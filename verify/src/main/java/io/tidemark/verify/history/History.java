// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that was seen of a store in one run, in which nothing but these operations wrote, and none deleted.
 *
 * @param operations in any order
 * @param changes in the order in which one watch, from index 1, told them; resumed where it broke
 * @param silentIndexes the commits that change no row and so are not in {@code changes}, such as the making of the table
 * @param throughIndex how far the watch came
 * @param finalRows all rows as of {@code throughIndex}, read when all was over
 * @param digests for each node what it said of all its rows, as of one index
 */
public record History(
        List<Operation> operations,
        List<Change> changes,
        Set<Long> silentIndexes,
        long throughIndex,
        Map<String, Outcome.Found> finalRows,
        Map<String, String> digests) {

    public History {
        operations = List.copyOf(operations);
        changes = List.copyOf(changes);
        silentIndexes = Set.copyOf(silentIndexes);
        finalRows = Map.copyOf(finalRows);
        digests = Map.copyOf(digests);
    }
}
