// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.call.Begun;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.wire.Values;
import io.tidemark.client.internal.wire.Writes;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.DeleteResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PreviousRow;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.ValueForm;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes that give back the row before. A commit has no room for it, so each is a call by itself and does not travel with others. */
record PreviousRows<V>(TableCalls<V> table) {

    Call<?, WriteResult<V>> put(String key, V value, @Nullable Condition<V> condition, WriteOptions options) {
        Seen seen = table.seen(options);
        io.tidemark.proto.v1.WriteOptions writing = table.writeOptions(options, condition, seen);
        PutRequest.Builder building = PutRequest.newBuilder()
                .setTable(table.table())
                .setKey(key)
                .setValue(Values.encode(table.codec(), table.table(), key, value))
                .setPreviousRow(PreviousRow.PREVIOUS_ROW_FULL)
                .setValueForm(ValueForm.VALUE_FORM_BYTES);
        options.expiry().ifPresent(expiry -> building.setExpiry(Writes.expiry(expiry)));
        if (condition != null) {
            building.setCondition(condition(key, condition));
        }
        PutRequest request = building.build();
        Function<io.tidemark.proto.v1.WriteOptions, PutRequest> named =
                complete -> request.toBuilder().setWriteOptions(complete).build();
        return call(KeyValueGrpc.getPutMethod(), writing, named, "put", options, (answer, begun) -> {
            PutResponse response = answer.message();
            Header header = table.calls().wrote(answer, response.getHeader(), response.getIndex(), seen, begun);
            return new WriteResult<>(
                    table.table(),
                    key,
                    Decoded.of(Values.row(response.getRow(), table.codec().contentType(), value, header.historyId())),
                    response.hasPreviousRow()
                            ? Decoded.of(table.codec(), response.getPreviousRow(), header.historyId())
                            : Decoded.none(),
                    response.getReplayed(),
                    header);
        });
    }

    Call<?, DeleteResult<V>> delete(String key, @Nullable Condition<V> condition, WriteOptions options) {
        Seen seen = table.seen(options);
        io.tidemark.proto.v1.WriteOptions writing = table.writeOptions(options, condition, seen);
        DeleteRequest.Builder building = DeleteRequest.newBuilder()
                .setTable(table.table())
                .setKey(key)
                .setPreviousRow(PreviousRow.PREVIOUS_ROW_FULL)
                .setValueForm(ValueForm.VALUE_FORM_BYTES);
        if (condition != null) {
            building.setCondition(condition(key, condition));
        }
        DeleteRequest request = building.build();
        Function<io.tidemark.proto.v1.WriteOptions, DeleteRequest> named =
                complete -> request.toBuilder().setWriteOptions(complete).build();
        return call(KeyValueGrpc.getDeleteMethod(), writing, named, "delete", options, (answer, begun) -> {
            DeleteResponse response = answer.message();
            Header header = table.calls().wrote(answer, response.getHeader(), response.getIndex(), seen, begun);
            return new DeleteResult<>(
                    response.getDeletedRows() > 0,
                    response.hasPreviousRow()
                            ? Decoded.of(table.codec(), response.getPreviousRow(), header.historyId())
                            : Decoded.none(),
                    response.getReplayed(),
                    header);
        });
    }

    private <Q, A, T> Call<Answer<A>, T> call(
            MethodDescriptor<Q, A> method,
            io.tidemark.proto.v1.WriteOptions writing,
            Function<io.tidemark.proto.v1.WriteOptions, Q> named,
            String name,
            WriteOptions options,
            BiFunction<Answer<A>, Begun, T> result) {
        Begun begun = table.calls().begin(name, options.deadline().orElse(null));
        return Call.write(
                begun,
                begun.handOver(() -> table.calls().dispatcher().write(method, writing, named, begun.context())),
                answer -> result.apply(answer, begun));
    }

    private RowCondition condition(String key, Condition<V> condition) {
        return Writes.condition(condition, table.codec(), table.table(), key);
    }
}
