// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes retained rows as tables, cut between keys. On a failure what was not published yet is deleted.
 *
 * <p>A merge is published in steps, so that it needs little room beside what it replaces: whenever inputs of the target
 * level have been passed, the outputs so far take their place. The inputs from above stay whole until the last step. A merge
 * that ends half way leaves a smaller one to do again.
 *
 * <p>Until the last step, versions of the passed keys lie both in outputs and in inputs from above. No reader can tell.
 * Of what readers at or above the horizon see, a newer version is met first in the same source as an older one of its key,
 * or in an earlier: so it was before, the outputs hold nothing that their inputs did not, and what is only in outputs was
 * only in the target level. A row is left out of the outputs where a newer one at or below the horizon covers it. That
 * one is in the outputs, or it is a tombstone with nothing below; then older versions are left only in inputs from above,
 * and where they are, there or before is the tombstone. The same holds for any later merge of such a state.
 */
final class Compaction {
    private static final long BYTES_BETWEEN = 1 << 20;

    private final Storage storage;
    private final EngineOptions options;
    private final LongSupplier numbers;
    private final Runnable betweenBytes;
    private final int failedSyncsBefore;
    private final List<TableName> written = new ArrayList<>();

    /**
     * @param betweenBytes called after each MiB, to give way or, by throwing, to give up
     * @param failedSyncsBefore the directory's, as of now: after one more the names of the outputs cannot be trusted
     */
    Compaction(
            Storage storage,
            EngineOptions options,
            LongSupplier numbers,
            Runnable betweenBytes,
            int failedSyncsBefore) {
        this.storage = storage;
        this.options = options;
        this.numbers = numbers;
        this.betweenBytes = betweenBytes;
        this.failedSyncsBefore = failedSyncsBefore;
    }

    /** What the outputs will look like, to choose page and node sizes and to count deaths. */
    record Expected(long bytes, long rowBytes, long minIndex, long maxIndex) {
        static Expected of(List<Table> inputs, long tableBytesMax) {
            long bytes = inputs.stream().mapToLong(t -> t.footer().rowBytes()).sum();
            long rows = inputs.stream().mapToLong(t -> t.footer().rows()).sum();
            long min =
                    inputs.stream().mapToLong(t -> t.footer().minIndex()).min().orElse(0);
            long max =
                    inputs.stream().mapToLong(t -> t.footer().maxIndex()).max().orElse(0);
            return new Expected(Math.min(bytes, 2 * tableBytesMax), bytes / Math.max(1, rows), min, max);
        }
    }

    /** Makes outputs durable and readable, in the place of inputs that have been passed. */
    interface Step {
        void publish(Outputs outputs, List<Table> passed) throws IOException;
    }

    /** Takes over a hold of each input, and lets go of each once it has been replaced. */
    void run(CompactionPicker.Plan plan, Levels levels, long horizon, Step step) throws IOException {
        MergeInputs inputs = new MergeInputs(plan);
        try {
            merge(plan, levels, horizon, inputs, step);
            publish(inputs.takeAll(), step);
        } finally {
            inputs.takeAll().forEach(Table::release);
        }
    }

    private void publish(List<Table> passed, Step step) throws IOException {
        try {
            step.publish(take(), passed);
        } finally {
            passed.forEach(Table::release);
        }
    }

    private void merge(CompactionPicker.Plan plan, Levels levels, long horizon, MergeInputs inputs, Step step)
            throws IOException {
        List<RowCursor> sources = plan.inputs().stream().map(Table::checkedRows).toList();
        RowCursor rows = new RetainedCursor(
                new MergeCursor(sources, Direction.ASCENDING),
                options,
                horizon,
                rowKey -> nothingDeeper(levels, plan, rowKey));
        write(rows, plan.target(), Expected.of(plan.inputs(), options.tableBytesMax()), new StepCut(inputs, step));
    }

    /** Where a table of the output ends. Asked only where a key ends. */
    private interface Cut {
        boolean isDue(TableWriter writer, EncodedRow next);

        /** After the table has been finished. */
        void made() throws IOException;
    }

    /**
     * Where an input of the target level ends, so that it can be replaced, unless the table would be less than half full;
     * elsewhere only where no such end comes soon.
     */
    private final class StepCut implements Cut {
        private final MergeInputs inputs;
        private final Step step;
        private boolean isStep;

        private StepCut(MergeInputs inputs, Step step) {
            this.inputs = inputs;
            this.step = step;
        }

        @Override
        public boolean isDue(TableWriter writer, EncodedRow next) {
            long max = options.tableBytesMax();
            isStep = inputs.endBetween(writer, next) && writer.rowBytes() >= max / 2;
            return isStep || writer.rowBytes() >= inputs.bytesBeforeCut(max);
        }

        @Override
        public void made() throws IOException {
            if (isStep) {
                publish(inputs.takePassed(), step);
            }
        }
    }

    /** Rows as one table. */
    void writeWhole(RowCursor rows, int level, Expected expected) throws IOException {
        write(rows, level, expected, new Cut() {
            @Override
            public boolean isDue(TableWriter writer, EncodedRow next) {
                return false;
            }

            @Override
            public void made() {}
        });
    }

    private static boolean nothingDeeper(Levels levels, CompactionPicker.Plan plan, byte[] rowKey) {
        for (int level = plan.target() + 1; level < levels.count(); level++) {
            if (levels.tableFor(level, rowKey) != null) {
                return false;
            }
        }
        return true;
    }

    private void write(RowCursor rows, int level, Expected expected, Cut cut) throws IOException {
        TableWriter writer = null;
        long sinceCall = 0;
        try {
            for (EncodedRow row = rows.next(); row != null; row = rows.next()) {
                if (writer != null && mustCut(writer, row, cut)) {
                    written.add(writer.finish());
                    writer = null;
                    cut.made();
                }
                if (writer == null) {
                    writer = open(level, expected);
                }
                writer.add(row, options.retention(Encoding.space(row.key())));
                sinceCall += row.bytes();
                if (sinceCall >= BYTES_BETWEEN) {
                    sinceCall = 0;
                    betweenBytes.run();
                }
            }
            if (writer != null) {
                written.add(writer.finish());
            }
        } catch (Throwable e) {
            abort(writer);
            throw e;
        }
    }

    /** A key's versions stay together; a single key whose history outgrows what can be mapped is refused. */
    private static boolean mustCut(TableWriter writer, EncodedRow row, Cut cut) {
        if (writer.rowBytes() > EngineOptions.TABLE_BYTES_CAP) {
            throw new IllegalStateException("versions of one key: over 1 GiB (expected: a horizon that follows)");
        }
        return writer.startsNewKey(row) && cut.isDue(writer, row);
    }

    private TableWriter open(int level, Expected expected) throws IOException {
        return new TableWriter(
                storage,
                numbers.getAsLong(),
                level,
                expected.bytes(),
                expected.rowBytes(),
                DeathHistogram.between(expected.minIndex(), expected.maxIndex()));
    }

    private void abort(@Nullable TableWriter writer) {
        if (writer != null) {
            writer.abort();
        }
        take().discard();
    }

    /** What was written since the last call: from here on the caller's to publish or to discard. */
    Outputs take() {
        Outputs taken = new Outputs(storage, List.copyOf(written), failedSyncsBefore);
        written.clear();
        return taken;
    }

    /** @param failedSyncsBefore the directory's, as of before the first of the tables */
    record Outputs(Storage storage, List<TableName> tables, int failedSyncsBefore) {
        /** Deletes what will not be published. */
        void discard() {
            for (TableName name : tables) {
                Orphans.tryDelete(storage, name.tableFile());
                Orphans.tryDelete(storage, name.footerFile());
            }
        }
    }
}
