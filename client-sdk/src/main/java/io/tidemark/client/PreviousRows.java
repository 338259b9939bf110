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
import org.jspecify.annotations.Nullable;

/** Writes that give back the row before. A commit has no room for it, so each is a call by itself and does not travel with others. */
record PreviousRows<V>(TableCalls<V> table) {

    Call<?, WriteResult<V>> put(String key, V value, @Nullable Condition<V> condition, WriteOptions options) {
        Seen seen = table.seen(options);
        io.tidemark.proto.v1.WriteOptions named = named(options, condition, seen);
        PutRequest.Builder request = PutRequest.newBuilder()
                .setTable(table.table())
                .setKey(key)
                .setValue(Values.encode(table.codec(), table.table(), key, value))
                .setPreviousRow(PreviousRow.PREVIOUS_ROW_FULL)
                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                .setWriteOptions(named);
        options.expiry().ifPresent(expiry -> request.setExpiry(Writes.expiry(expiry)));
        if (condition != null) {
            request.setCondition(condition(key, condition));
        }
        return call(KeyValueGrpc.getPutMethod(), request.build(), "put", options, named, (answer, begun) -> {
            PutResponse response = answer.message();
            Header header = table.calls().wrote(answer, response.getHeader(), response.getIndex(), seen, begun);
            return new WriteResult<>(
                    table.table(),
                    key,
                    Decoded.of(Values.row(response.getRow(), table.codec().contentType(), value)),
                    response.hasPreviousRow() ? Decoded.of(table.codec(), response.getPreviousRow()) : Decoded.none(),
                    response.getReplayed(),
                    header);
        });
    }

    Call<?, DeleteResult<V>> delete(String key, @Nullable Condition<V> condition, WriteOptions options) {
        Seen seen = table.seen(options);
        io.tidemark.proto.v1.WriteOptions named = named(options, condition, seen);
        DeleteRequest.Builder request = DeleteRequest.newBuilder()
                .setTable(table.table())
                .setKey(key)
                .setPreviousRow(PreviousRow.PREVIOUS_ROW_FULL)
                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                .setWriteOptions(named);
        if (condition != null) {
            request.setCondition(condition(key, condition));
        }
        return call(KeyValueGrpc.getDeleteMethod(), request.build(), "delete", options, named, (answer, begun) -> {
            DeleteResponse response = answer.message();
            Header header = table.calls().wrote(answer, response.getHeader(), response.getIndex(), seen, begun);
            return new DeleteResult<>(
                    response.getDeletedRows() > 0,
                    response.hasPreviousRow() ? Decoded.of(table.codec(), response.getPreviousRow()) : Decoded.none(),
                    response.getReplayed(),
                    header);
        });
    }

    private <Q, A, T> Call<Answer<A>, T> call(
            MethodDescriptor<Q, A> method,
            Q request,
            String name,
            WriteOptions options,
            io.tidemark.proto.v1.WriteOptions named,
            BiFunction<Answer<A>, Begun, T> result) {
        Begun begun = table.calls().begin(name, options.deadline().orElse(null));
        return Call.write(
                begun,
                NamedWrites.send(table.calls(), begun, method, request, named),
                answer -> result.apply(answer, begun));
    }

    private RowCondition condition(String key, Condition<V> condition) {
        return Writes.condition(condition, table.codec(), table.table(), key);
    }

    private io.tidemark.proto.v1.WriteOptions named(WriteOptions options, @Nullable Condition<V> condition, Seen seen) {
        return table.writeOptions(NamedWrites.named(options, seen), condition, seen);
    }
}
