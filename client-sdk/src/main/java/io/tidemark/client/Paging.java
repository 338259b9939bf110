// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Begun;
import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.dispatch.CallContext;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.dispatch.ReadAsks;
import io.tidemark.client.internal.dispatch.Target;
import io.tidemark.client.internal.scan.PageToken;
import io.tidemark.client.internal.scan.ScanSpec;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.wire.Values;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A scan page by page.
 *
 * @param pageSize 0: the server's default
 */
record Paging<V>(TableCalls<V> calls, ScanSpec spec, ReadOptions options, int pageSize) {

    /** @param token null: the first page */
    Call<Answer<ScanResponse>, Page<V>> page(@Nullable String token) {
        Calls client = calls.calls();
        Seen seen = options.session().orElse(calls.session()).seen();
        Consistency asked = calls.consistency(options);
        Begun begun = client.begin("scan", asked, options);
        PageToken from = token == null ? null : PageToken.parse(token);
        long before = from == null ? 0 : from.rows();
        ScanRequest.Builder request = spec.page().setPageSize(size(before));
        CompletableFuture<Answer<ScanResponse>> answer = from == null
                ? client.read(begun, asked, options, seen, (ask, context) -> first(request, ask, context))
                // The token says what it is as of.
                : begun.handOver(() -> send(request.setPageToken(from.server()), begun.context()));
        return Call.read(begun, answer, came -> page(came, before, seen, begun));
    }

    private CompletableFuture<Answer<ScanResponse>> first(
            ScanRequest.Builder request, ReadAsk ask, CallContext context) {
        return send(request.setReadOptions(ReadAsks.toProto(ask, ask.floor())), context);
    }

    private CompletableFuture<Answer<ScanResponse>> send(ScanRequest.Builder request, CallContext context) {
        return calls.calls()
                .dispatcher()
                .call(KeyValueGrpc.getScanMethod(), request.build(), new Target.OwnersOfAll(), context);
    }

    /** So that no page goes beyond the limit. */
    private int size(long before) {
        Long limit = spec.limit();
        if (limit == null) {
            return pageSize;
        }
        long left = Math.max(limit - before, 1);
        return (int) Math.min(left, pageSize == 0 ? Integer.MAX_VALUE : pageSize);
    }

    private Page<V> page(Answer<ScanResponse> answer, long before, Seen seen, Begun begun) {
        ScanResponse message = answer.message();
        Header header = calls.calls()
                .header(answer, message.getHeader(), message.getHeader().getReadIndex(), seen, begun);
        List<Row<V>> rows = message.getRowsList().stream()
                .map(row -> Values.row(calls.codec(), row, header.historyId()))
                .toList();
        long all = before + rows.size();
        boolean more = message.hasNextPageToken() && (spec.limit() == null || all < spec.limit());
        return new Page<>(rows, more ? new PageToken(message.getNextPageToken(), all).text() : null, header);
    }
}
