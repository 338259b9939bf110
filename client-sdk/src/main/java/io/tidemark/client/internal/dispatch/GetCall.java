// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ValueForm;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A read of one row. */
final class GetCall extends Call<GetResponse> {

    /** A server that lacks more than that may have to be waited for long: whoever does waits alone. */
    private static final long LACKS_MAX = 1_000;

    private final Target.OwnersOf target;
    private final ReadAsk ask;
    private final RowView view;
    private volatile boolean waits;

    GetCall(Parts parts, CallContext context, String table, String key, ReadAsk ask, RowView view) {
        super(parts, context);
        this.target = new Target.OwnersOf(table, key);
        this.ask = ask;
        this.view = view;
    }

    String table() {
        return target.table();
    }

    String key() {
        return target.key();
    }

    long floor() {
        return ask.floor();
    }

    @Override
    @Nullable Server choose(List<Server> tried, long nowNanos) {
        return choose(target, ask.floor(), tried, nowNanos);
    }

    @Override
    Try attempt(Server server, long waitNanosMax) {
        long lacks = server.lacks(ReadAsks.indexNeeded(ask));
        waits = lacks > 0;
        GetGathering others = parts.options.batching() && lacks <= LACKS_MAX
                ? parts.gatherings.reads(parts, server, new GetGathering.Kind(ask, view, waits, waitNanosMax > 0))
                : null;
        return others != null
                ? new GetMember(this, others, waitNanosMax)
                : new UnaryTry<>(this, KeyValueGrpc.getGetMethod(), request(waitNanosMax), server, answer -> answer);
    }

    @Override
    void learn(GetResponse answer) {
        parts.rowBytes.saw(view, answer.getRow());
    }

    @Override
    void took(Server server, long nanos, long nowNanos) {
        took(waits, server, nanos, nowNanos);
    }

    /** @param waits whether it may have waited there for the index that it needs */
    static void took(boolean waits, Server server, long nanos, long nowNanos) {
        if (waits) {
            server.waited(nanos, nowNanos);
        } else {
            server.sampled(nanos, nowNanos);
        }
    }

    /**
     * The read by itself.
     *
     * @param waitNanosMax as of an attempt
     */
    GetRequest request(long waitNanosMax) {
        return GetRequest.newBuilder()
                .setTable(target.table())
                .setKey(target.key())
                .setReadOptions(ReadAsks.toProto(ask, ask.floor(), waitNanosMax))
                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                .setRowView(view)
                .build();
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
