// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.google.protobuf.Message;
import com.linecorp.armeria.common.HttpHeadersBuilder;
import com.linecorp.armeria.common.HttpResponse;
import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.gateway.Answered;
import io.tidemark.client.internal.gateway.Gateway;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.BatchGetResult;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.GetLimitsRequest;
import io.tidemark.proto.v1.GetLimitsResponse;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.GetTableRequest;
import io.tidemark.proto.v1.GetTableResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ListTablesRequest;
import io.tidemark.proto.v1.ListTablesResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.ProbeRequest;
import io.tidemark.proto.v1.ProbeResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.rest.http.Responses;
import io.tidemark.rest.json.ContractJson;
import io.tidemark.rest.json.ValueForms;
import io.tidemark.rest.routing.Exchange;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Reads whose answers are the contract's messages. */
public final class Reads {

    private final Gateway gateway;
    private final Asks asks;
    private final Stamps stamps;
    private final CacheRules cacheRules;

    public Reads(Gateway gateway, Asks asks, Stamps stamps, CacheRules cacheRules) {
        this.gateway = gateway;
        this.asks = asks;
        this.stamps = stamps;
        this.cacheRules = cacheRules;
    }

    public CompletionStage<HttpResponse> batchGet(Exchange exchange) {
        BatchGetRequest.Builder request = BatchGetRequest.newBuilder();
        exchange.allowParameters(List.of());
        ContractJson.merge(exchange.jsonBody(), request);
        request.getKeysList().forEach(Names::check);
        request.setReadOptions(asks.of(exchange, request.getReadOptions()));
        return answer(exchange, gateway.batchGet(request.build(), exchange.deadline()), message -> {
            BatchGetResponse.Builder formed = message.toBuilder().clearResults();
            for (BatchGetResult result : message.getResultsList()) {
                formed.addResults(
                        result.hasRow()
                                ? result.toBuilder().setRow(ValueForms.apply(result.getRow(), request.getValueForm()))
                                : result.toBuilder());
            }
            return formed.build();
        });
    }

    public CompletionStage<HttpResponse> scan(Exchange exchange) {
        ScanRequest.Builder request = ScanRequest.newBuilder();
        Requests.fill(exchange, request);
        ValueForm form = request.getValueForm();
        ReadOptions stated = request.getReadOptions();
        return list(
                exchange,
                scanAsk(exchange, request),
                stated,
                (message, headers) -> ContractJson.print(inForm(message, form)));
    }

    /** A scan that asks for what its caller does; of a later page, only for what its token leaves open. */
    ScanRequest scanAsk(Exchange exchange, ScanRequest.Builder request) {
        Names.table(request.getTable());
        if (request.getPageToken().isEmpty()) {
            request.setReadOptions(asks.of(exchange, request.getReadOptions()));
        }
        return request.setValueForm(ValueForm.VALUE_FORM_BYTES).build();
    }

    /** A page. */
    public CompletableFuture<Answered<ScanResponse>> scan(ScanRequest request, Exchange exchange) {
        return gateway.call(
                "scan", KeyValueGrpc.getScanMethod(), request, true, ScanResponse::getHeader, exchange.deadline());
    }

    /**
     * A page as an answer, which caches may keep as they may the rows in it, if it is the whole list: others lead to further pages, as long
     * as the state that they are of is kept.
     *
     * @param stated what of its asks comes from its parameters or its route
     */
    public CompletionStage<HttpResponse> list(
            Exchange exchange,
            ScanRequest request,
            ReadOptions stated,
            BiFunction<ScanResponse, HttpHeadersBuilder, String> json) {
        return scan(request, exchange).thenCombine(cacheRules.ageOf(request.getTable()), (answered, age) -> {
            HttpHeadersBuilder headers = stamps.ofRead(exchange, answered.header());
            boolean whole =
                    request.getPageToken().isEmpty() && !answered.message().hasNextPageToken();
            cacheRules.tell(headers, exchange, stated, answered.header(), age.filter(known -> whole));
            String page = json.apply(answered.message(), headers);
            return Responses.json(200, page, headers.build()).toHttpResponse();
        });
    }

    private static ScanResponse inForm(ScanResponse message, ValueForm form) {
        ScanResponse.Builder formed = message.toBuilder().clearRows();
        message.getRowsList().forEach(row -> formed.addRows(ValueForms.apply(row, form)));
        return formed.build();
    }

    public CompletionStage<HttpResponse> probe(Exchange exchange) {
        ProbeRequest.Builder request = ProbeRequest.newBuilder();
        Requests.fill(exchange, request);
        return call(exchange, "probe", KeyValueGrpc.getProbeMethod(), request.build(), ProbeResponse::getHeader);
    }

    public CompletionStage<HttpResponse> topology(Exchange exchange) {
        GetTopologyRequest.Builder request = GetTopologyRequest.newBuilder();
        Requests.fill(exchange, request);
        return call(
                exchange,
                "topology",
                ClusterGrpc.getGetTopologyMethod(),
                request.build(),
                GetTopologyResponse::getHeader);
    }

    public CompletionStage<HttpResponse> limits(Exchange exchange) {
        GetLimitsRequest.Builder request = GetLimitsRequest.newBuilder();
        Requests.fill(exchange, request);
        return call(
                exchange, "limits", ClusterGrpc.getGetLimitsMethod(), request.build(), GetLimitsResponse::getHeader);
    }

    public CompletionStage<HttpResponse> status(Exchange exchange) {
        GetStatusRequest.Builder request = GetStatusRequest.newBuilder();
        Requests.fill(exchange, request);
        return call(
                exchange,
                "status",
                MaintenanceGrpc.getGetStatusMethod(),
                request.build(),
                GetStatusResponse::getHeader);
    }

    public CompletionStage<HttpResponse> table(Exchange exchange) {
        GetTableRequest.Builder request = GetTableRequest.newBuilder();
        Requests.fill(exchange, request);
        Names.table(request.getTable());
        request.setReadOptions(asks.of(exchange, request.getReadOptions()));
        return call(
                exchange, "get_table", ClusterGrpc.getGetTableMethod(), request.build(), GetTableResponse::getHeader);
    }

    public CompletionStage<HttpResponse> tables(Exchange exchange) {
        ListTablesRequest.Builder request = ListTablesRequest.newBuilder();
        Requests.fill(exchange, request);
        if (request.getPageToken().isEmpty()) {
            ReadOptions options = asks.of(exchange, request.getReadOptions());
            request.setReadOptions(options);
        }
        return call(
                exchange,
                "list_tables",
                ClusterGrpc.getListTablesMethod(),
                request.build(),
                ListTablesResponse::getHeader);
    }

    private <Q, A extends Message> CompletionStage<HttpResponse> call(
            Exchange exchange,
            String name,
            MethodDescriptor<Q, A> method,
            Q request,
            Function<A, ResponseHeader> header) {
        return answer(
                exchange, gateway.call(name, method, request, false, header, exchange.deadline()), Function.identity());
    }

    private <A extends Message> CompletionStage<HttpResponse> answer(
            Exchange exchange, CompletableFuture<Answered<A>> answered, Function<A, A> formed) {
        return answered.thenApply(came -> Responses.json(
                        200,
                        ContractJson.print(formed.apply(came.message())),
                        stamps.ofRead(exchange, came.header()).build())
                .toHttpResponse());
    }
}
