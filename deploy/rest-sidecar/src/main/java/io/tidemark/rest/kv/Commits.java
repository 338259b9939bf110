// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponse;
import io.tidemark.api.ErrorReasons;
import io.tidemark.api.SessionToken;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.gateway.Answered;
import io.tidemark.client.internal.gateway.Gateway;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.BatchWriteResult;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Problems;
import io.tidemark.rest.http.Responses;
import io.tidemark.rest.json.ContractJson;
import io.tidemark.rest.json.ValueForms;
import io.tidemark.rest.routing.Exchange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Commits: one, and many independent ones. */
public final class Commits {

    /** As the cluster's own limit is by default. */
    private static final int WRITES_MAX = 1_000;

    private final Gateway gateway;
    private final Sessions sessions;
    private final Stamps stamps;

    public Commits(Gateway gateway, Sessions sessions, Stamps stamps) {
        this.gateway = gateway;
        this.sessions = sessions;
        this.stamps = stamps;
    }

    public CompletionStage<HttpResponse> commit(Exchange exchange) {
        exchange.allowParameters(List.of());
        Conditions.refuse(exchange);
        CommitRequest.Builder request = CommitRequest.newBuilder();
        ContractJson.merge(exchange.jsonBody(), request);
        ValueForm form = request.getValueForm();
        if (WriteAsk.idempotencyKey(exchange) != null) {
            request.setWriteOptions(WriteAsk.named(exchange, request.getWriteOptions()));
        }
        return gateway.commit(complete(exchange, request), exchange.deadline())
                .thenApply(answered -> Responses.json(
                                200,
                                ContractJson.print(inForm(answered.message(), form)),
                                stamps.of(exchange, answered.header()).build())
                        .toHttpResponse());
    }

    public CompletionStage<HttpResponse> batch(Exchange exchange) {
        exchange.allowParameters(List.of());
        Conditions.refuse(exchange);
        BatchWriteRequest.Builder request = BatchWriteRequest.newBuilder();
        ContractJson.merge(exchange.jsonBody(), request);
        if (WriteAsk.idempotencyKey(exchange) != null) {
            throw Problem.invalid(
                            "Idempotency-Key",
                            "Idempotency-Key: of many writes (expected: writeOptions.requestId of each of them)")
                    .toException();
        }
        int count = request.getWritesCount();
        if (count == 0 || count > WRITES_MAX) {
            throw Problem.invalid("writes", "writes: " + count + " (expected: 1 to " + WRITES_MAX + ")")
                    .toException();
        }
        List<CompletableFuture<Answered<CommitResponse>>> sent = new ArrayList<>();
        for (CommitRequest.Builder write : request.getWritesBuilderList()) {
            sent.add(gateway.commit(complete(exchange, write.clone()), exchange.deadline()));
        }
        return CompletableFuture.allOf(sent.toArray(CompletableFuture<?>[]::new))
                .handle((done, failure) -> answer(exchange, request.build(), sent));
    }

    /** A session believes in its history; what the caller says himself counts more. */
    private CommitRequest complete(Exchange exchange, CommitRequest.Builder request) {
        List<SessionToken> tokens = sessions.tokens(exchange);
        if (!tokens.isEmpty() && !request.getWriteOptions().hasHistoryId()) {
            request.getWriteOptionsBuilder()
                    .setHistoryId(tokens.get(0).history().text());
        }
        return request.setValueForm(ValueForm.VALUE_FORM_BYTES).build();
    }

    private HttpResponse answer(
            Exchange exchange, BatchWriteRequest request, List<CompletableFuture<Answered<CommitResponse>>> sent) {
        BatchWriteResponse.Builder response = BatchWriteResponse.newBuilder();
        Answered<CommitResponse> newest = null;
        for (int i = 0; i < sent.size(); i++) {
            BatchWriteResult.Builder result = response.addResultsBuilder();
            try {
                Answered<CommitResponse> answered = sent.get(i).join();
                ValueForm form = request.getWrites(i).getValueForm();
                result.setCommit(inForm(answered.message(), form).toBuilder().clearHeader());
                newest = newest == null
                                || answered.header().index() > newest.header().index()
                        ? answered
                        : newest;
            } catch (CompletionException e) {
                result.setError(status(e));
            }
        }
        if (newest == null) {
            return Responses.json(200, ContractJson.print(response.build()), HttpHeaders.of())
                    .toHttpResponse();
        }
        ResponseHeader header = newest.message().getHeader();
        return Responses.json(
                        200,
                        ContractJson.print(response.setHeader(header).build()),
                        stamps.of(exchange, newest.header()).build())
                .toHttpResponse();
    }

    /** What a write of a batch failed with, as the contract says it. */
    private static Status status(CompletionException failure) {
        Problem problem = Problems.of(failure);
        ErrorInfo info = ErrorInfo.newBuilder()
                .setDomain(ErrorReasons.DOMAIN)
                .setReason(problem.reason())
                .putAllMetadata(problem.metadata())
                .build();
        int code = failure.getCause() instanceof TidemarkException known
                ? ErrorReasons.byName(known.reason())
                        .map(reason -> ErrorReasons.codeOf(reason).value())
                        .orElse(io.grpc.Status.Code.UNKNOWN.value())
                : io.grpc.Status.Code.INTERNAL.value();
        return Status.newBuilder()
                .setCode(code)
                .setMessage(problem.detail())
                .addDetails(Any.pack(info))
                .build();
    }

    private static CommitResponse inForm(CommitResponse message, ValueForm form) {
        CommitResponse.Builder formed = message.toBuilder();
        formed.getResultsBuilderList().forEach(result -> {
            if (result.hasRow()) {
                result.setRow(ValueForms.applyLeniently(result.getRow(), form));
            }
        });
        formed.getFailedConditionsBuilderList().forEach(failed -> {
            if (failed.hasCurrentRow()) {
                failed.setCurrentRow(ValueForms.applyLeniently(failed.getCurrentRow(), form));
            }
        });
        return formed.build();
    }
}
