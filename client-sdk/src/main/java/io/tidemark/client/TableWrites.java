// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Begun;
import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.call.Stages;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.wire.Names;
import io.tidemark.client.internal.wire.Values;
import io.tidemark.client.internal.wire.Writes;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ValueForm;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The writes of one row. Each is a commit of one mutation, so that writes which are made at the same time can travel together. */
record TableWrites<V>(TableCalls<V> table) {

    Call<?, WriteResult<V>> put(String key, V value, @Nullable Condition<V> condition, WriteOptions options) {
        if (options.previousRow()) {
            return new PreviousRows<>(table).put(Names.requireKey(key), value, condition, options);
        }
        return write(
                "put",
                Mutations.put(table, key, value, options.expiry().orElse(null)),
                RowView.ROW_VIEW_UNSPECIFIED,
                key,
                condition,
                options,
                (response, header) -> new WriteResult<>(
                        table.table(),
                        key,
                        Decoded.of(Values.row(
                                response.getResults(0).getRow(),
                                table.codec().contentType(),
                                value,
                                header.historyId())),
                        Decoded.none(),
                        response.getReplayed(),
                        header));
    }

    Call<?, DeleteResult<V>> delete(String key, @Nullable Condition<V> condition, WriteOptions options) {
        if (options.expiry().isPresent()) {
            throw new IllegalArgumentException("expiry: a delete takes none");
        }
        if (options.previousRow()) {
            return new PreviousRows<>(table).delete(Names.requireKey(key), condition, options);
        }
        return write(
                "delete",
                Mutations.delete(table, key),
                RowView.ROW_VIEW_UNSPECIFIED,
                key,
                condition,
                options,
                (response, header) -> new DeleteResult<>(
                        response.getResultsCount() == 0
                                || response.getResults(0).getDeletedRows() > 0,
                        Decoded.none(),
                        response.getReplayed(),
                        header));
    }

    Call<?, WriteResult<V>> patch(
            String key, String mergePatch, @Nullable Condition<V> condition, WriteOptions options) {
        refusePreviousRow(options, "a patch");
        return write(
                "patch",
                Mutations.patch(table, key, mergePatch, options.expiry().orElse(null)),
                RowView.ROW_VIEW_FULL,
                key,
                condition,
                options,
                (response, header) -> new WriteResult<>(
                        table.table(),
                        key,
                        Decoded.of(table.codec(), response.getResults(0).getRow(), header.historyId()),
                        Decoded.none(),
                        response.getReplayed(),
                        header));
    }

    Call<?, IncrementResult> increment(String key, long delta, long initial, WriteOptions options) {
        refusePreviousRow(options, "an increment");
        return write(
                "increment",
                Mutations.increment(table, key, delta, initial, options.expiry().orElse(null)),
                RowView.ROW_VIEW_FULL,
                key,
                null,
                options,
                (response, header) -> new IncrementResult(
                        Values.row(Codec.string(), response.getResults(0).getRow(), header.historyId()),
                        response.getReplayed(),
                        header));
    }

    private <T> Call<?, T> write(
            String method,
            Mutation mutation,
            RowView view,
            String key,
            @Nullable Condition<V> condition,
            WriteOptions options,
            BiFunction<CommitResponse, Header, T> result) {
        Seen seen = table.seen(options);
        CommitRequest.Builder building = CommitRequest.newBuilder()
                .addMutations(mutation)
                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                .setRowView(view)
                .setWriteOptions(table.writeOptions(options, condition, seen));
        if (condition != null) {
            building.addConditions(io.tidemark.proto.v1.Condition.newBuilder()
                    .setTable(table.table())
                    .setKey(key)
                    .setCondition(Writes.condition(condition, table.codec(), table.table(), key)));
        }
        CommitRequest request = building.build();
        Calls calls = table.calls();
        Begun begun = calls.begin(method, options.deadline().orElse(null));
        CompletableFuture<Answer<CommitResponse>> answer =
                begun.handOver(() -> calls.dispatcher().commit(request, begun.context()));
        if (!mutation.hasDelete()) {
            answer = Stages.then(answer, came -> LostResults.find(calls, request, came, begun.context()));
        }
        return Call.write(begun, answer, came -> {
            CommitResponse response = came.message();
            Header header = calls.header(came, seen, begun);
            if (!response.hasIndex()) {
                throw Writes.conditionFailed(request, response);
            }
            return result.apply(response, header);
        });
    }

    private static void refusePreviousRow(WriteOptions options, String write) {
        if (options.previousRow()) {
            throw new IllegalArgumentException(
                    "previous row: " + write + " gives back the row after it (expected: not asked for)");
        }
    }
}
