// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.Condition;
import io.tidemark.proto.v1.Existence;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks the conditions of a commit against the state just before it. Every one that fails is reported. */
final class Conditions {

    private Conditions() {}

    static List<Outcome.FailedRow> failed(StateReader state, List<Condition> conditions, AnswerRoom room) {
        List<Outcome.FailedRow> failed = new ArrayList<>();
        for (int i = 0; i < conditions.size(); i++) {
            Condition condition = conditions.get(i);
            boolean exists = Tables.activeUnlessMakeable(state, condition.getTable()) != null;
            StoredRow row = exists ? state.row(new RowName(condition.getTable(), condition.getKey())) : null;
            if (!holds(condition.getCondition(), row)) {
                boolean omitted = !room.take(row);
                failed.add(new Outcome.FailedRow(i, omitted && row != null ? row.withoutValue() : row, omitted));
            }
        }
        return failed;
    }

    private static boolean holds(RowCondition condition, @Nullable StoredRow row) {
        if (condition.hasExistence()) {
            return (row != null) == (condition.getExistence() == Existence.EXISTENCE_PRESENT);
        }
        if (row == null) {
            return false;
        }
        return switch (condition.getCheckCase()) {
            case MODIFIED_INDEX -> row.modifiedIndex() == condition.getModifiedIndex();
            case VERSION -> row.version() == condition.getVersion();
            case VALUE -> row.value().equals(condition.getValue().getBytes());
            case EXISTENCE, CHECK_NOT_SET -> false;
        };
    }
}
