// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.wire.Values;
import org.jspecify.annotations.Nullable;

/**
 * A row that a write gives back, or why the table's codec cannot read it. What was written stays written: that failure belongs to
 * whoever wants the row, not to the write.
 */
record Decoded<V>(@Nullable Row<V> row, @Nullable CodecException failure) {

    static <V> Decoded<V> of(Row<V> row) {
        return new Decoded<>(row, null);
    }

    static <V> Decoded<V> of(Codec<V> codec, io.tidemark.proto.v1.Row row, String historyId) {
        try {
            return of(Values.row(codec, row, historyId));
        } catch (CodecException e) {
            return new Decoded<>(null, e);
        }
    }

    static <V> Decoded<V> none() {
        return new Decoded<>(null, null);
    }

    /** The row; null: there is none. */
    @Nullable Row<V> orThrow() {
        if (failure != null) {
            throw failure.fromHere();
        }
        return row;
    }
}
