// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that was seen of a store in one run, in which nothing but these operations wrote, and none deleted.
 *
 * <p>A row is named {@code table/key}.
 *
 * @param operations in any order
 * @param changes in the order in which one watch, from index 1, told them; resumed where it broke
 * @param silentIndexes the commits that change no row and so are not in {@code changes}, such as the making of the table
 * @param throughIndex how far the watch came
 * @param finalRows all rows as of {@code throughIndex}, read when all was over
 * @param digests for each node what it said of all its rows, as of one index
 * @param readings what was read with other asks than the operations', also at replicas; their writes are among the operations
 */
public record History(
        List<Operation> operations,
        List<Change> changes,
        Set<Long> silentIndexes,
        long throughIndex,
        Map<String, Outcome.Found> finalRows,
        Map<String, String> digests,
        Readings readings) {

    public History(
            List<Operation> operations,
            List<Change> changes,
            Set<Long> silentIndexes,
            long throughIndex,
            Map<String, Outcome.Found> finalRows,
            Map<String, String> digests) {
        this(operations, changes, silentIndexes, throughIndex, finalRows, digests, Readings.NONE);
    }

    public History {
        operations = List.copyOf(operations);
        changes = List.copyOf(changes);
        silentIndexes = Set.copyOf(silentIndexes);
        finalRows = Map.copyOf(finalRows);
        digests = Map.copyOf(digests);
    }

    /** The same, with what was read beside it. The history must have been finished after the readings were. */
    public History with(Readings added) {
        List<Operation> all = new ArrayList<>(operations);
        all.addAll(added.writes());
        return new History(all, changes, silentIndexes, throughIndex, finalRows, digests, added);
    }
}
