// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.LogTime;
import io.tidemark.store.Refusal;
import io.tidemark.store.StoredRow;
import io.tidemark.store.proto.v1.RecordedCommit;
import io.tidemark.store.proto.v1.RecordedConditionFailure;
import io.tidemark.store.proto.v1.RecordedMutation;
import io.tidemark.store.proto.v1.RecordedPair;
import io.tidemark.store.proto.v1.RecordedRefusal;
import io.tidemark.store.proto.v1.RecordedTable;
import io.tidemark.store.proto.v1.RequestRecord;
import java.util.List;

/** What is remembered of an outcome: enough to answer a retry, and little, because there are many. */
final class RequestRecords {

    /** A commit of more mutations is remembered without their results. */
    static final int RESULTS_MAX = 16;

    private RequestRecords() {}

    static RequestRecord.Builder outcome(Outcome outcome) {
        RequestRecord.Builder record = RequestRecord.newBuilder();
        if (outcome instanceof Outcome.Committed committed) {
            record.setCommitted(committed(committed.results()));
        } else if (outcome instanceof Outcome.ConditionsFailed failed) {
            RecordedConditionFailure.Builder conditions = record.getConditionFailedBuilder();
            failed.failed().forEach(row -> conditions.addFailedConditions(row.condition()));
        } else if (outcome instanceof Outcome.TableSettled settled) {
            RecordedTable.Builder table = record.getTableBuilder().setTable(settled.table());
            Long index = settled.index();
            if (index != null) {
                table.setIndex(index);
            }
        } else if (outcome instanceof Outcome.Refused refused) {
            record.setRefused(refused(refused.refusal()));
        } else {
            throw new IllegalStateException("outcome: " + outcome + " (expected: one of a caller's request)");
        }
        return record;
    }

    private static RecordedCommit committed(List<MutationOutcome> results) {
        RecordedCommit.Builder commit = RecordedCommit.newBuilder();
        if (results.size() <= RESULTS_MAX) {
            results.forEach(result -> commit.addResults(mutation(result)));
        }
        return commit.build();
    }

    private static RecordedMutation mutation(MutationOutcome result) {
        RecordedMutation.Builder mutation = RecordedMutation.newBuilder()
                .setKey(result.key())
                .setDeletedRows(result.deletedRows())
                .setRemainder(result.remainder());
        StoredRow row = result.row();
        if (row != null) {
            mutation.setVersion(row.version()).setCreatedIndex(row.createdIndex());
            LogTime expireTime = row.expireTime();
            if (expireTime != null) {
                mutation.setExpireTime(expireTime.toTimestamp());
            }
        }
        return mutation.build();
    }

    private static RecordedRefusal refused(Refusal refusal) {
        RecordedRefusal.Builder record = RecordedRefusal.newBuilder()
                .setReason(refusal.reason().getNumber())
                .setMessage(refusal.message());
        refusal.metadata().forEach(item -> record.addMetadata(pair(item)));
        refusal.violations().forEach(item -> record.addViolations(pair(item)));
        return record.build();
    }

    private static RecordedPair pair(Refusal.Item item) {
        return RecordedPair.newBuilder()
                .setName(item.name())
                .setValue(item.value())
                .build();
    }
}
