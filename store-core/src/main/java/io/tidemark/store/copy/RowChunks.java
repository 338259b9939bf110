// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.copy;

import io.tidemark.store.RowName;
import io.tidemark.store.transition.RowSize;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cuts rows into chunks of about a size. Give it to one thread. */
public final class RowChunks implements AutoCloseable {

    /** Rows in the order of their names. */
    public interface Source extends AutoCloseable {
        /** Null: there is no more, or as many rows have been passed as were allowed. */
        @Nullable CopiedRow next();

        /** How many more rows may be passed, those included that are not of the copy. */
        void allow(long rows);

        /** Whether there is nothing behind what was passed. */
        boolean isAtEnd();

        /** The last row that was passed, of the copy or not; null: none yet. */
        @Nullable RowName passed();

        @Override
        void close();
    }

    private final Source source;
    private final long chunkBytes;
    private final long rowsMax;
    private @Nullable RowName after;
    private @Nullable CopiedRow ahead;

    /**
     * @param after what the source begins behind
     * @param rowsMax how many rows to pass for one chunk, those included that are not of the copy: where these are many, chunks
     *     come with few rows or none, but they come
     */
    public RowChunks(Source source, @Nullable RowName after, long chunkBytes, long rowsMax) {
        if (rowsMax <= 0) {
            throw new IllegalArgumentException("rowsMax: " + rowsMax + " (expected: > 0)");
        }
        this.source = source;
        this.after = after;
        this.chunkBytes = chunkBytes;
        this.rowsMax = rowsMax;
    }

    /** The next chunk; null behind the last. */
    public @Nullable RowChunk next() {
        List<CopiedRow> rows = new ArrayList<>();
        long bytes = 0;
        source.allow(rowsMax);
        CopiedRow row = ahead == null ? source.next() : ahead;
        while (row != null && (rows.isEmpty() || bytes + size(row) <= chunkBytes)) {
            rows.add(row);
            bytes += size(row);
            row = source.next();
        }
        ahead = row;
        RowName through =
                row == null ? source.passed() : rows.get(rows.size() - 1).name();
        if (through == null || through.equals(after)) {
            return null;
        }
        RowChunk chunk = RowChunk.of(after, rows, through);
        after = through;
        return chunk;
    }

    private static long size(CopiedRow row) {
        return RowSize.of(row.name(), row.row());
    }

    @Override
    public void close() {
        source.close();
    }
}
