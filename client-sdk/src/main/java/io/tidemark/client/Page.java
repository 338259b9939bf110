// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Some rows of a {@link Scan}, as of {@link #index()}, which is the same for all its pages. */
public final class Page<V> implements Result {

    private final List<Row<V>> rows;
    private final @Nullable String nextPageToken;
    private final Header header;

    Page(List<Row<V>> rows, @Nullable String nextPageToken, Header header) {
        this.rows = List.copyOf(rows);
        this.nextPageToken = nextPageToken;
        this.header = header;
    }

    /** The rows, in the order of the scan. May be fewer than asked for without being the last. */
    public List<Row<V>> rows() {
        return rows;
    }

    /** What {@link Scan#page(String)} takes for the next page, also in another process. Empty: this is the last one. */
    public Optional<String> nextPageToken() {
        return Optional.ofNullable(nextPageToken);
    }

    @Override
    public Header header() {
        return header;
    }

    @Override
    public String toString() {
        return "Page[" + rows.size() + " rows as of " + index() + (nextPageToken == null ? ", the last]" : "]");
    }
}
