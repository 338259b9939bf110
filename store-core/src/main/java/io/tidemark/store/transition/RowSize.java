// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.Utf8;

/**
 * The size of rows for limits and accounting: the bytes of table, key, content type and value, and {@link #OVERHEAD_BYTES}
 * for the rest. A definition, not a measurement, because it decides outcomes and must not depend on how an engine stores.
 */
public final class RowSize {

    public static final int OVERHEAD_BYTES = 64;

    private RowSize() {}

    public static long of(RowName name, StoredRow row) {
        return ofTombstone(name) + Utf8.length(row.contentType()) + row.value().size();
    }

    public static long ofTombstone(RowName name) {
        return (long) OVERHEAD_BYTES + Utf8.length(name.table()) + Utf8.length(name.key());
    }
}
