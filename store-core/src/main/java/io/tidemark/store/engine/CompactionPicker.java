// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides what to compact next: first what slows readers, then what wastes space. */
final class CompactionPicker {
    /** A table is rewritten when more than a quarter of it is dead; a quarter of the last level may be shadowed. */
    private static final int WASTE_SHARE = 4;

    private final EngineOptions options;

    CompactionPicker(EngineOptions options) {
        this.options = options;
    }

    /** @param target the level of the outputs, the deepest of the inputs or one below */
    record Plan(List<Table> inputs, int target) {}

    @Nullable Plan pick(Levels levels, long horizon) {
        if (levels.level0().size() >= options.level0TablesCompact()) {
            return down(levels, 0, levels.level0());
        }
        long target = options.level1BytesTarget();
        for (int level = 1; level < Levels.COUNT_MAX - 1; level++) {
            if (levels.bytes(level) > target) {
                return down(levels, level, List.of(fullest(levels.level(level), horizon)));
            }
            target = target > Long.MAX_VALUE / options.levelRatio() ? target : target * options.levelRatio();
        }
        Plan dead = mostlyDead(levels, horizon);
        return dead != null ? dead : shadowing(levels);
    }

    /** Everything into the last level. */
    @Nullable Plan pickAll(Levels levels) {
        return levels.all().isEmpty() ? null : new Plan(levels.all(), levels.last());
    }

    private static Plan down(Levels levels, int level, List<Table> upper) {
        List<Table> inputs = new ArrayList<>(upper);
        inputs.addAll(levels.overlapping(level + 1, upper));
        return new Plan(inputs, level + 1);
    }

    /** The table with most to drop, else the oldest, so that all take their turn. */
    private static Table fullest(List<Table> level, long horizon) {
        Table best = level.get(0);
        for (Table table : level) {
            long gain = table.footer().deaths().deadBytes(horizon)
                    - best.footer().deaths().deadBytes(horizon);
            if (gain > 0 || (gain == 0 && table.name().number() < best.name().number())) {
                best = table;
            }
        }
        return best;
    }

    private @Nullable Plan mostlyDead(Levels levels, long horizon) {
        long deadTotal = 0;
        Table worst = null;
        int worstLevel = 0;
        for (int level = 0; level < levels.count(); level++) {
            for (Table table : levels.level(level)) {
                long dead = table.footer().deaths().deadBytes(horizon);
                deadTotal += dead;
                boolean mostly = dead * WASTE_SHARE > table.footer().rowBytes();
                if (mostly && (worst == null || dead > worst.footer().deaths().deadBytes(horizon))) {
                    worst = table;
                    worstLevel = level;
                }
            }
        }
        if (worst == null || deadTotal <= options.spaceSlackBytes()) {
            return null;
        }
        if (worstLevel == levels.last()) {
            return new Plan(List.of(worst), worstLevel);
        }
        return down(levels, worstLevel, worstLevel == 0 ? levels.level0() : List.of(worst));
    }

    /**
     * Rows above the last level may each replace one in it: counted in rows as well as bytes, because a tombstone of
     * thirty bytes can cover a row of a thousand.
     */
    private @Nullable Plan shadowing(Levels levels) {
        int last = levels.last();
        long lastRows = levels.rows(last);
        long lastBytes = levels.bytes(last);
        long upperRows = 0;
        long upperBytes = 0;
        int fullest = 0;
        for (int level = 0; level < last; level++) {
            upperRows += levels.rows(level);
            upperBytes += levels.bytes(level);
            if (levels.bytes(level) > levels.bytes(fullest)) {
                fullest = level;
            }
        }
        long meanRowBytes = lastRows == 0 ? 0 : lastBytes / lastRows;
        long shadowed = Math.max(upperBytes, upperRows * meanRowBytes);
        if (shadowed <= options.spaceSlackBytes() || shadowed * WASTE_SHARE <= lastBytes) {
            return null;
        }
        List<Table> tables = levels.level(fullest);
        return down(levels, fullest, fullest == 0 ? tables : List.of(fullest(tables, 0)));
    }
}
