// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A condition of a write does not hold, and nothing was written. {@link #failedConditions()} has the rows as they are instead, as of
 * {@link #evaluatedIndex()}: decide anew by them.
 */
public final class ConditionFailedException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    private final List<FailedCondition> failedConditions;
    private final String historyId;
    private final long evaluatedIndex;
    private final boolean replayed;

    public ConditionFailedException(
            Failure failure,
            @Nullable Throwable cause,
            List<FailedCondition> failedConditions,
            String historyId,
            long evaluatedIndex,
            boolean replayed) {
        super(failure, cause);
        this.failedConditions = List.copyOf(failedConditions);
        this.historyId = historyId;
        this.evaluatedIndex = evaluatedIndex;
        this.replayed = replayed;
    }

    /** Each condition that does not hold, with its row; empty where what changed is no row. */
    public List<FailedCondition> failedConditions() {
        return failedConditions;
    }

    /** The row of the first condition that does not hold; empty: there is none. */
    public Optional<Row<byte[]>> currentRow() {
        return failedConditions.stream().findFirst().flatMap(FailedCondition::optionalRow);
    }

    /** The history that {@link #evaluatedIndex()} belongs to; empty text where it is not known. */
    public String historyId() {
        return historyId;
    }

    /** The index that the conditions were judged at, and that the rows are as of. */
    public long evaluatedIndex() {
        return evaluatedIndex;
    }

    /** Whether an earlier attempt was judged so: by now a row may satisfy its condition. */
    public boolean replayed() {
        return replayed;
    }

    @Override
    ConditionFailedException fromHere() {
        return new ConditionFailedException(failure(), this, failedConditions, historyId, evaluatedIndex, replayed);
    }

    /**
     * A condition that does not hold.
     *
     * @param condition which one of the write, from 0
     * @param row the row as it is; null: there is none. Its value is null where the server left it out because the answer would have
     *     been too large
     */
    public record FailedCondition(int condition, @Nullable Row<byte[]> row) implements Serializable {

        /** The row as it is; empty: there is none. */
        public Optional<Row<byte[]>> optionalRow() {
            return Optional.ofNullable(row);
        }
    }
}
