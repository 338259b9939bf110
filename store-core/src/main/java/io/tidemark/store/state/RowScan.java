// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.KeySpan;
import io.tidemark.store.NamedRow;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Rows;
import io.tidemark.store.format.Spaces;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The rows of a scan, one by one. It stays readable after its view is closed, and keeps files until it is closed itself. */
public final class RowScan implements AutoCloseable {

    private final Request request;
    private final Cursor cursor;

    /**
     * Which rows to scan.
     *
     * @param after go on behind this row, in the direction of the scan: how the next page begins where the last one ended
     * @param shards only rows of these; null: of all
     * @param keysOnly rows come without their values
     */
    public record Request(
            KeySpan span,
            Direction direction,
            @Nullable RowName after,
            @Nullable Shards shards,
            boolean keysOnly) {

        /** All rows of a span, ascending, whole. */
        public static Request of(KeySpan span) {
            return new Request(span, Direction.ASCENDING, null, null, false);
        }

        public Request descending() {
            return new Request(span, Direction.DESCENDING, after, shards, keysOnly);
        }

        public Request after(@Nullable RowName last) {
            return new Request(span, direction, last, shards, keysOnly);
        }

        public Request ofShards(Shards only) {
            return new Request(span, direction, after, only, keysOnly);
        }

        public Request keysAlone() {
            return new Request(span, direction, after, shards, true);
        }
    }

    RowScan(View view, Request request) {
        this.request = request;
        byte[] from = Keys.start(request.span());
        byte[] to = Keys.end(request.span());
        RowName after = request.after();
        if (after != null && request.direction() == Direction.ASCENDING) {
            from = later(from, Keys.after(after));
        } else if (after != null) {
            to = earlier(to, Keys.of(after));
        }
        this.cursor = view.scan(Spaces.ROWS, from, to, request.direction());
    }

    private static byte[] later(byte[] a, byte[] b) {
        return Arrays.compareUnsigned(a, b) >= 0 ? a : b;
    }

    private static byte[] earlier(byte[] a, byte[] b) {
        return Arrays.compareUnsigned(a, b) <= 0 ? a : b;
    }

    /** Null: there is no more. */
    public @Nullable NamedRow next() {
        Shards shards = request.shards();
        RowVersion found = cursor.next();
        while (found != null && shards != null && !shards.contains(Rows.shard(found.value()))) {
            found = cursor.next();
        }
        if (found == null) {
            return null;
        }
        StoredRow row = Rows.decode(found.value());
        return new NamedRow(
                Keys.nameIn(request.span().table(), found.key()), request.keysOnly() ? row.withoutValue() : row);
    }

    @Override
    public void close() {
        cursor.close();
    }
}
