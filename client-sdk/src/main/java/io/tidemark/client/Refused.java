// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.wire.Values;
import io.tidemark.client.internal.wire.Writes;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.FailedCondition;
import java.util.List;
import java.util.Optional;

/** A transaction whose conditions did not hold, judged at {@link #index()}. Nothing was written. */
public final class Refused implements CommitResult {

    private final CommitRequest request;
    private final CommitResponse response;
    private final Header header;

    Refused(CommitRequest request, CommitResponse response, Header header) {
        this.request = request;
        this.response = response;
        this.header = header;
    }

    /** The conditions that did not hold, by their order in the transaction, from 0. */
    public List<Integer> failedConditions() {
        return response.getFailedConditionsList().stream()
                .map(FailedCondition::getCondition)
                .toList();
    }

    /** Whether a condition on that row did not hold. */
    public boolean failed(Table<?> table, String key) {
        return response.getFailedConditionsList().stream().anyMatch(failed -> isOf(failed, table, key));
    }

    /** The row of a condition that did not hold, as it is at {@link #index()}. Empty: there is none, or its conditions held. */
    public <V> Optional<Row<V>> row(Table<V> table, String key) {
        return response.getFailedConditionsList().stream()
                .filter(failed -> isOf(failed, table, key) && failed.hasCurrentRow())
                .findFirst()
                .map(failed -> Values.row(table.codec(), failed.getCurrentRow(), header.historyId()));
    }

    private boolean isOf(FailedCondition failed, Table<?> table, String key) {
        io.tidemark.proto.v1.Condition condition = request.getConditions(failed.getCondition());
        return condition.getTable().equals(table.name()) && condition.getKey().equals(key);
    }

    @Override
    public boolean replayed() {
        return response.getReplayed();
    }

    @Override
    public Committed orThrow() {
        throw Writes.conditionFailed(request, response);
    }

    @Override
    public Header header() {
        return header;
    }

    @Override
    public String toString() {
        return "Refused[conditions " + failedConditions() + " at " + index() + "]";
    }
}
