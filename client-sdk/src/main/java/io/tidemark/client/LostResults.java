// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.call.Stages;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.dispatch.CallContext;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.MutationResult;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import java.util.concurrent.CompletableFuture;

/**
 * Finds the row that a write of one row gives back where its answer could not carry it, because an earlier attempt had settled the write
 * or there was no room: by reading it as of the very index of the write. The write is settled, so failing to find it fails nothing.
 */
final class LostResults {

    private LostResults() {}

    static CompletableFuture<Answer<CommitResponse>> find(
            Calls calls, CommitRequest request, Answer<CommitResponse> answer, CallContext context) {
        CommitResponse response = answer.message();
        boolean withValue = request.getRowView() == RowView.ROW_VIEW_FULL;
        if (!response.hasIndex() || isWhole(response, withValue)) {
            return CompletableFuture.completedFuture(answer);
        }
        ReadAsk asOf = new ReadAsk(
                new ReadAsk.Base.AsOfIndex(response.getIndex()),
                null,
                null,
                0,
                response.getHeader().getHistoryId(),
                null,
                false);
        String table = request.getMutations(0).getTable();
        String key = Mutations.keyOf(request.getMutations(0));
        RowView view = withValue ? RowView.ROW_VIEW_FULL : RowView.ROW_VIEW_METADATA;
        return Stages.thenEither(calls.dispatcher().get(table, key, asOf, view, context), (read, failure) -> {
            if (failure == null && read.message().hasRow()) {
                return CompletableFuture.completedFuture(with(read.message().getRow(), answer));
            }
            return CompletableFuture.completedFuture(
                    response.getResultsCount() > 0
                            ? answer
                            : with(
                                    Row.newBuilder()
                                            .setTable(table)
                                            .setKey(key)
                                            .setModifiedIndex(response.getIndex())
                                            .build(),
                                    answer));
        });
    }

    private static boolean isWhole(CommitResponse response, boolean withValue) {
        if (response.getResultsCount() == 0) {
            return false;
        }
        Row row = response.getResults(0).getRow();
        return !withValue || (row.hasValue() && !row.getValueOmitted());
    }

    private static Answer<CommitResponse> with(Row row, Answer<CommitResponse> answer) {
        CommitResponse whole = answer.message().toBuilder()
                .clearResults()
                .addResults(MutationResult.newBuilder().setRow(row))
                .build();
        return new Answer<>(whole, answer.sentNanos(), answer.address(), answer.attempts());
    }
}
