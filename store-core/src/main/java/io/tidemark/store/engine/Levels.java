// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a state. Level 0: newest first, ranges may overlap. Deeper levels: sorted, no key in two tables. Of one
 * key, a shallower level holds only newer versions, or the same ones while a compaction is half way.
 */
final class Levels {
    static final int COUNT_MAX = 7;
    private static final Comparator<Table> NEWEST_FIRST =
            Comparator.comparingLong((Table table) -> table.footer().maxIndex()).reversed();
    private static final Comparator<Table> BY_KEY =
            (a, b) -> Arrays.compareUnsigned(a.footer().minKey(), b.footer().minKey());

    private final List<List<Table>> levels = new ArrayList<>();
    private final List<Table> all;

    Levels(Collection<Table> tables) {
        all = List.copyOf(tables);
        for (int level = 0; level < COUNT_MAX; level++) {
            levels.add(new ArrayList<>());
        }
        for (Table table : tables) {
            levels.get(table.name().level()).add(table);
        }
        levels.get(0).sort(NEWEST_FIRST);
        for (int level = 1; level < COUNT_MAX; level++) {
            levels.get(level).sort(BY_KEY);
            checkDisjoint(levels.get(level));
        }
    }

    private static void checkDisjoint(List<Table> level) {
        for (int i = 1; i < level.size(); i++) {
            byte[] before = Encoding.prefixOf(level.get(i - 1).footer().maxKey());
            if (Encoding.hasPrefix(level.get(i).footer().minKey(), before)
                    || Arrays.compareUnsigned(before, level.get(i).footer().minKey()) > 0) {
                throw new CorruptionException(
                        level.get(i).name().tableFile(), -1, "overlaps its neighbour in the level");
            }
        }
    }

    List<Table> all() {
        return all;
    }

    List<Table> level0() {
        return levels.get(0);
    }

    List<Table> level(int level) {
        return levels.get(level);
    }

    int count() {
        return COUNT_MAX;
    }

    /** The deepest level with tables; 1 when there is none, since level 0 is never the last. */
    int last() {
        for (int level = COUNT_MAX - 1; level > 1; level--) {
            if (!levels.get(level).isEmpty()) {
                return level;
            }
        }
        return 1;
    }

    long bytes(int level) {
        return levels.get(level).stream()
                .mapToLong(table -> table.footer().tableBytes())
                .sum();
    }

    long rows(int level) {
        return levels.get(level).stream()
                .mapToLong(table -> table.footer().rows())
                .sum();
    }

    /** The table in which all versions of the row of a key lie, if there are any. */
    @Nullable Table tableFor(int level, byte[] rowKey) {
        List<Table> tables = levels.get(level);
        int low = 0;
        int high = tables.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Table table = tables.get(middle);
            int range = table.compareRange(rowKey);
            if (range == 0) {
                return table;
            }
            if (range > 0) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return null;
    }

    /** Those between the first and the last row of the others: what these are merged into may reach over gaps. */
    List<Table> within(int level, Collection<Table> others) {
        byte[] min = null;
        byte[] max = null;
        for (Table other : others) {
            byte[] first = other.footer().minKey();
            byte[] last = other.footer().maxKey();
            min = min == null || Arrays.compareUnsigned(first, min) < 0 ? first : min;
            max = max == null || Arrays.compareUnsigned(last, max) > 0 ? last : max;
        }
        if (min == null || max == null) {
            return List.of();
        }
        byte[] from = Encoding.rowKeyAt(min, Long.MAX_VALUE);
        byte[] to = Encoding.rowKeyAt(max, 0);
        return levels.get(level).stream()
                .filter(table -> table.overlaps(from, to))
                .toList();
    }
}
