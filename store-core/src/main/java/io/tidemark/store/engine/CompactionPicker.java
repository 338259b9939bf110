// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides what to compact next. Everything that calls for a compaction has a score, which is 1 where it begins to matter: a
 * level has its size over what it should have, waste has its bytes over a quarter of the store. The highest goes first, so
 * that none grows without limit while another is always served.
 */
final class CompactionPicker {
    /** A table is rewritten when more than a quarter of it is dead; a quarter of the last level may be shadowed. */
    private static final int WASTE_SHARE = 4;

    /** How many times its target level 1 may grow with the store: every compaction of level 0 writes all of it. */
    private static final int LEVEL1_GROWTH_MAX = 3;

    private static final Call NONE = new Call(0, () -> {
        throw new IllegalStateException("nothing to do");
    });

    private final EngineOptions options;

    CompactionPicker(EngineOptions options) {
        this.options = options;
    }

    /** @param target the level of the outputs, the deepest of the inputs or one below */
    record Plan(List<Table> inputs, int target) {}

    /** What calls for a compaction, and how loud. */
    private record Call(double score, Supplier<Plan> plan) {}

    @Nullable Plan pick(Levels levels, long horizon) {
        List<Call> calls = new ArrayList<>();
        calls.add(level0(levels));
        calls.addAll(deeper(levels, horizon));
        calls.add(dead(levels, horizon));
        calls.add(shadowing(levels, horizon));
        Call loudest = calls.get(0);
        for (Call call : calls) {
            loudest = call.score() > loudest.score() ? call : loudest;
        }
        return loudest.score() >= 1 ? loudest.plan().get() : null;
    }

    /** Many tables slow readers; many bytes are in the way of a compaction that keeps them until its end. */
    private Call level0(Levels levels) {
        double count = (double) levels.level0().size() / options.level0TablesCompact();
        double bytes = (double) levels.bytes(0) / options.level1BytesTarget();
        return new Call(Math.max(count, bytes), () -> down(levels, 0, levels.level0()));
    }

    private List<Call> deeper(Levels levels, long horizon) {
        List<Call> calls = new ArrayList<>();
        double target = level1Target(levels);
        for (int level = 1; level < Levels.COUNT_MAX - 1; level++) {
            int full = level;
            calls.add(new Call(
                    levels.bytes(level) / target,
                    () -> down(levels, full, List.of(fullest(levels.level(full), horizon)))));
            target *= options.levelRatio();
        }
        return calls;
    }

    /**
     * A level between two others costs least where it is as much larger than the one above as it is smaller than the one below. A
     * store of some GiB has no other level between; a larger one has more of them.
     */
    private double level1Target(Levels levels) {
        double above = (double) options.level0TablesCompact() * options.memtableBytesMax();
        double mean = Math.sqrt(above * levels.bytes(levels.last()));
        double least = options.level1BytesTarget();
        return Math.max(least, Math.min(mean, LEVEL1_GROWTH_MAX * least));
    }

    /** Everything into the last level. */
    @Nullable Plan pickAll(Levels levels) {
        return levels.all().isEmpty() ? null : new Plan(levels.all(), levels.last());
    }

    private static Plan down(Levels levels, int level, List<Table> upper) {
        List<Table> inputs = new ArrayList<>(upper);
        inputs.addAll(levels.within(level + 1, upper));
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

    /** Of the tables that are mostly dead, the one with most to give back. */
    private Call dead(Levels levels, long horizon) {
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
            return NONE;
        }
        Table table = worst;
        int level = worstLevel;
        long storeBytes = levels.all().stream()
                .mapToLong(one -> one.footer().tableBytes())
                .sum();
        // At least 1: even where little of the whole is dead, most of this table is.
        double score = Math.max(1, score(deadTotal, storeBytes));
        return new Call(
                score,
                () -> level == levels.last()
                        ? new Plan(List.of(table), level)
                        : down(levels, level, level == 0 ? levels.level0() : List.of(table)));
    }

    private double score(long wasted, long ofBytes) {
        return (double) wasted / Math.max(options.spaceSlackBytes() + 1, ofBytes / WASTE_SHARE + 1);
    }

    /**
     * Rows above the last level may each replace one in it: counted in rows as well as bytes, because a tombstone of
     * thirty bytes can cover a row of a thousand. One that is above the horizon replaces nothing yet: readers may still ask for
     * what it covers.
     */
    private Call shadowing(Levels levels, long horizon) {
        int last = levels.last();
        long lastRows = levels.rows(last);
        long lastBytes = levels.bytes(last);
        long upperRows = 0;
        long upperBytes = 0;
        int fullest = 0;
        for (int level = 0; level < last; level++) {
            for (Table table : levels.level(level)) {
                double share = shareThrough(horizon, table.footer());
                upperRows += (long) (share * table.footer().rows());
                upperBytes += (long) (share * table.footer().tableBytes());
            }
            if (levels.bytes(level) > levels.bytes(fullest)) {
                fullest = level;
            }
        }
        long meanRowBytes = lastRows == 0 ? 0 : lastBytes / lastRows;
        long shadowed = Math.max(upperBytes, upperRows * meanRowBytes);
        int level = fullest;
        List<Table> tables = levels.level(level);
        return new Call(
                score(shadowed, lastBytes),
                () -> down(levels, level, level == 0 ? tables : List.of(fullest(tables, 0))));
    }

    /** How much of a table lies at or below the horizon, if its indexes are spread evenly. */
    private static double shareThrough(long horizon, TableFooter table) {
        double passed = horizon - table.minIndex() + 1.0;
        return Math.max(0, Math.min(1, passed / (table.maxIndex() - table.minIndex() + 1.0)));
    }
}
