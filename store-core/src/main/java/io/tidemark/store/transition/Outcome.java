// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.Table;
import io.tidemark.store.LogTime;
import io.tidemark.store.Refusal;
import io.tidemark.store.StoredRow;
import io.tidemark.store.proto.v1.RequestRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a command ended. */
public sealed interface Outcome {

    /** A write was committed: {@code results.get(i)} tells what mutation i did. */
    record Committed(long index, LogTime logTime, List<MutationOutcome> results) implements Outcome {
        public Committed {
            results = List.copyOf(results);
        }
    }

    /** Conditions did not hold; nothing changed. */
    record ConditionsFailed(List<FailedRow> failed) implements Outcome {
        public ConditionsFailed {
            failed = List.copyOf(failed);
        }
    }

    /**
     * A condition that failed, from 0, and the row as it is.
     *
     * @param valueOmitted the row's value is left out: see {@link AnswerRoom}
     */
    record FailedRow(int condition, @Nullable StoredRow row, boolean valueOmitted) {}

    /** A table is as the request wants it. {@code index} is null if it already was. */
    record TableSettled(@Nullable Long index, Table table) implements Outcome {}

    /** Rows were removed by an expiry batch or a drop-step. */
    record Swept(long index, long removedRows, boolean more) implements Outcome {}

    /** The version or the settings changed. */
    record SystemChanged(long index) implements Outcome {}

    /** There was nothing to do, so there is no commit. */
    record Nothing() implements Outcome {}

    /** The same request was settled before: this is how. Nothing was done now. */
    record Replayed(RequestRecord settled) implements Outcome {}

    /** An error; nothing changed. */
    record Refused(Refusal refusal) implements Outcome {}
}
