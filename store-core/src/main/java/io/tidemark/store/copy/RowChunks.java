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
        /** Null: there is no more. */
        @Nullable CopiedRow next();

        @Override
        void close();
    }

    private final Source source;
    private final long chunkBytes;
    private @Nullable CopiedRow ahead;
    private boolean ended;

    public RowChunks(Source source, long chunkBytes) {
        this.source = source;
        this.chunkBytes = chunkBytes;
    }

    /** The next chunk; null behind the last. There is always at least one. */
    public @Nullable RowChunk next() {
        if (ended) {
            return null;
        }
        List<CopiedRow> rows = new ArrayList<>();
        long bytes = 0;
        CopiedRow row = ahead == null ? source.next() : ahead;
        while (row != null && (rows.isEmpty() || bytes + size(row) <= chunkBytes)) {
            rows.add(row);
            bytes += size(row);
            row = source.next();
        }
        ahead = row;
        ended = row == null;
        RowName through = ended ? null : rows.get(rows.size() - 1).name();
        return RowChunk.of(rows, through);
    }

    private static long size(CopiedRow row) {
        return RowSize.of(row.name(), row.row());
    }

    @Override
    public void close() {
        source.close();
    }
}
