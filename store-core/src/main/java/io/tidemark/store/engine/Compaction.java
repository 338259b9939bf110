// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Writes retained rows as tables, cut between keys. All or nothing: on a failure its files are deleted. */
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
        static Expected of(List<Table> inputs) {
            long bytes = inputs.stream().mapToLong(t -> t.footer().rowBytes()).sum();
            long rows = inputs.stream().mapToLong(t -> t.footer().rows()).sum();
            long min =
                    inputs.stream().mapToLong(t -> t.footer().minIndex()).min().orElse(0);
            long max =
                    inputs.stream().mapToLong(t -> t.footer().maxIndex()).max().orElse(0);
            return new Expected(bytes, bytes / Math.max(1, rows), min, max);
        }
    }

    List<TableName> run(CompactionPicker.Plan plan, Levels levels, long horizon) throws IOException {
        List<RowCursor> sources = plan.inputs().stream().map(Table::checkedRows).toList();
        RowCursor rows = new RetainedCursor(
                new MergeCursor(sources, Direction.ASCENDING),
                options,
                horizon,
                rowKey -> nothingDeeper(levels, plan, Encoding.prefixOf(rowKey)));
        return write(rows, plan.target(), Expected.of(plan.inputs()), options.tableBytesMax());
    }

    private static boolean nothingDeeper(Levels levels, CompactionPicker.Plan plan, byte[] prefix) {
        for (int level = plan.target() + 1; level < levels.count(); level++) {
            if (levels.tableFor(level, prefix) != null) {
                return false;
            }
        }
        return true;
    }

    List<TableName> write(RowCursor rows, int level, Expected expected, long tableBytesMax) throws IOException {
        TableWriter writer = null;
        long sinceCall = 0;
        try {
            for (EncodedRow row = rows.next(); row != null; row = rows.next()) {
                if (writer != null && mustCut(writer, row, tableBytesMax)) {
                    written.add(writer.finish());
                    writer = null;
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
            return written;
        } catch (Throwable e) {
            abort(writer);
            throw e;
        }
    }

    /** A key's versions stay together; a single key whose history outgrows what can be mapped is refused. */
    private static boolean mustCut(TableWriter writer, EncodedRow row, long tableBytesMax) {
        if (writer.rowBytes() > EngineOptions.TABLE_BYTES_CAP) {
            throw new IllegalStateException("versions of one key: over 1 GiB (expected: a horizon that follows)");
        }
        return writer.rowBytes() >= tableBytesMax && writer.startsNewKey(row);
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
        discard();
    }

    int failedSyncsBefore() {
        return failedSyncsBefore;
    }

    /** Deletes what was written, when it will not be published. */
    void discard() {
        for (TableName name : written) {
            Orphans.tryDelete(storage, name.tableFile());
            Orphans.tryDelete(storage, name.footerFile());
        }
    }
}
