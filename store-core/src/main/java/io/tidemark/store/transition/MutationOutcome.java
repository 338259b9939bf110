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
 * @param previousValueOmitted that row's value is left out: see {@link AnswerRoom}
 */
public record MutationOutcome(
        String key,
        @Nullable StoredRow row,
        @Nullable StoredRow previousRow,
        boolean previousValueOmitted,
        long deletedRows,
        RangeRemainder remainder) {

    static MutationOutcome written(String key, StoredRow row, @Nullable StoredRow previousRow, AnswerRoom room) {
        return of(key, row, previousRow, room, 0);
    }

    static MutationOutcome deleted(String key, @Nullable StoredRow previousRow, AnswerRoom room) {
        return of(key, null, previousRow, room, previousRow == null ? 0 : 1);
    }

    private static MutationOutcome of(
            String key, @Nullable StoredRow row, @Nullable StoredRow previousRow, AnswerRoom room, long deletedRows) {
        boolean omitted = !room.take(previousRow);
        return new MutationOutcome(
                key,
                row,
                omitted && previousRow != null ? previousRow.withoutValue() : previousRow,
                omitted,
                deletedRows,
                RangeRemainder.RANGE_REMAINDER_UNSPECIFIED);
    }

    static MutationOutcome deletedRange(long rows, boolean more) {
        RangeRemainder remainder = more ? RangeRemainder.RANGE_REMAINDER_MORE : RangeRemainder.RANGE_REMAINDER_EMPTY;
        return new MutationOutcome("", null, null, false, rows, remainder);
    }
}
