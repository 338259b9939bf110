// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ValueForm;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The part of a read of many rows that one server serves; another may, as any answers for any row. */
final class BatchPart extends Call<BatchGetResponse> {

    private final @Nullable Server planned;
    private final Target target;
    private final ReadAsk ask;
    private final BatchGetRequest request;

    BatchPart(
            Parts parts, CallContext context, @Nullable Server planned, List<RowKey> keys, ReadAsk ask, RowView view) {
        super(parts, context);
        this.planned = planned;
        this.target = new Target.OwnersOf(keys.get(0).getTable(), keys.get(0).getKey());
        this.ask = ask;
        this.request = BatchGetRequest.newBuilder()
                .addAllKeys(keys)
                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                .setRowView(view)
                .build();
    }

    @Override
    @Nullable Server choose(List<Server> tried, long nowNanos) {
        Server first = planned;
        Server other = choose(target, ask.floor(), tried, nowNanos);
        return first != null && !tried.contains(first) && first.isConnected() ? first : other;
    }

    @Override
    Try attempt(Server server, long waitNanosMax) {
        BatchGetRequest hurried = request.toBuilder()
                .setReadOptions(ReadAsks.toProto(ask, ask.floor(), waitNanosMax))
                .build();
        return new UnaryTry<>(this, KeyValueGrpc.getBatchGetMethod(), hurried, server, answer -> answer);
    }

    @Override
    boolean mayTakeLong() {
        return true;
    }

    @Override
    long attemptLimitNanos() {
        return parts.options.readAttemptLimit().toNanos();
    }

    @Override
    boolean asksOnce() {
        return ask.maxWait() != null;
    }
}
