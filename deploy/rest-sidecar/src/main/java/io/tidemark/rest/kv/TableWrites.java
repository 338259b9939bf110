// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.google.protobuf.Message;
import com.linecorp.armeria.common.HttpResponse;
import io.grpc.MethodDescriptor;
import io.tidemark.api.SessionToken;
import io.tidemark.client.internal.gateway.Gateway;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.CreateTableResponse;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.DropTableResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.UpdateTableRequest;
import io.tidemark.proto.v1.UpdateTableResponse;
import io.tidemark.proto.v1.WriteOptions;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Responses;
import io.tidemark.rest.json.ContractJson;
import io.tidemark.rest.routing.Exchange;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Tables are made, changed and dropped. */
public final class TableWrites {

    private final Gateway gateway;
    private final Sessions sessions;
    private final Stamps stamps;

    public TableWrites(Gateway gateway, Sessions sessions, Stamps stamps) {
        this.gateway = gateway;
        this.sessions = sessions;
        this.stamps = stamps;
    }

    public CompletionStage<HttpResponse> create(Exchange exchange) {
        exchange.allowParameters(List.of());
        CreateTableRequest.Builder request = CreateTableRequest.newBuilder();
        ContractJson.merge(exchange.jsonBody(), request);
        Names.table(request.getTable());
        return write(
                exchange,
                "create_table",
                ClusterGrpc.getCreateTableMethod(),
                request.getWriteOptions(),
                options -> request.clone().setWriteOptions(options).build(),
                CreateTableResponse::getHeader);
    }

    public CompletionStage<HttpResponse> update(Exchange exchange) {
        exchange.allowParameters(List.of());
        UpdateTableRequest.Builder request = UpdateTableRequest.newBuilder();
        ContractJson.merge(exchange.jsonBody(), request);
        String table = exchange.variable("table");
        if (!request.getTable().isEmpty() && !request.getTable().equals(table)) {
            throw Problem.invalid(
                            "table", "table: '" + request.getTable() + "' in the body, '" + table + "' in the path")
                    .toException();
        }
        Names.table(table);
        request.setTable(table);
        return write(
                exchange,
                "update_table",
                ClusterGrpc.getUpdateTableMethod(),
                request.getWriteOptions(),
                options -> request.clone().setWriteOptions(options).build(),
                UpdateTableResponse::getHeader);
    }

    public CompletionStage<HttpResponse> drop(Exchange exchange) {
        DropTableRequest.Builder request = DropTableRequest.newBuilder();
        Requests.fill(exchange, request);
        Names.table(request.getTable());
        return write(
                exchange,
                "drop_table",
                ClusterGrpc.getDropTableMethod(),
                request.getWriteOptions(),
                options -> request.clone().setWriteOptions(options).build(),
                DropTableResponse::getHeader);
    }

    private <Q, A extends Message> CompletionStage<HttpResponse> write(
            Exchange exchange,
            String name,
            MethodDescriptor<Q, A> method,
            WriteOptions asked,
            Function<WriteOptions, Q> named,
            Function<A, ResponseHeader> header) {
        Conditions.refuse(exchange);
        List<SessionToken> tokens = sessions.tokens(exchange);
        WriteOptions given = WriteAsk.named(exchange, asked);
        WriteOptions options = tokens.isEmpty() || given.hasHistoryId()
                ? given
                : given.toBuilder().setHistoryId(tokens.get(0).history().text()).build();
        return gateway.write(name, method, options, named, header, exchange.deadline())
                .thenApply(answered -> Responses.json(
                                200,
                                ContractJson.print(answered.message()),
                                stamps.of(exchange, answered.header()).build())
                        .toHttpResponse());
    }
}
