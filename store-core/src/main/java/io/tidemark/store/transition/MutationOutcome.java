// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.RangeRemainder;
import io.tidemark.store.StoredRow;
import org.jspecify.annotations.Nullable;

/**
 * What one mutation did.
 *
 * @param row the row after it; null for deletes
 * @param previousRow the row before it; null if there was none, and for a delete range
 */
public record MutationOutcome(
        String key,
        @Nullable StoredRow row,
        @Nullable StoredRow previousRow,
        long deletedRows,
        RangeRemainder remainder) {

    static MutationOutcome written(String key, StoredRow row, @Nullable StoredRow previousRow) {
        return new MutationOutcome(key, row, previousRow, 0, RangeRemainder.RANGE_REMAINDER_UNSPECIFIED);
    }

    static MutationOutcome deleted(String key, @Nullable StoredRow previousRow) {
        long rows = previousRow == null ? 0 : 1;
        return new MutationOutcome(key, null, previousRow, rows, RangeRemainder.RANGE_REMAINDER_UNSPECIFIED);
    }

    static MutationOutcome deletedRange(long rows, boolean more) {
        RangeRemainder remainder = more ? RangeRemainder.RANGE_REMAINDER_MORE : RangeRemainder.RANGE_REMAINDER_EMPTY;
        return new MutationOutcome("", null, null, rows, remainder);
    }
}
