// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.StoredRow;
import org.jspecify.annotations.Nullable;

/**
 * How much room there is for values that the commands of one entry found, in what they answer. An answer costs the caller
 * nothing: a thousand small conditions, or as many small writes of one entry, would name a gigabyte of rows, and all of them
 * would be on the heap at once. So values beyond the room are left out, and the answer says so; they can be read.
 */
final class AnswerRoom {

    private long bytesLeft;

    private AnswerRoom(long bytes) {
        this.bytesLeft = bytes;
    }

    /** For one entry; as large as what a commit may replace. */
    static AnswerRoom of(StateReader state) {
        return new AnswerRoom(CommitBuilder.REPLACED_FACTOR * state.settings().getMaxCommitBytes());
    }

    /** Whether the row's value may be part of an answer; it then is. */
    boolean take(@Nullable StoredRow row) {
        long bytes = row == null ? 0 : row.value().size();
        if (bytes > bytesLeft) {
            return false;
        }
        bytesLeft -= bytes;
        return true;
    }
}
