// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponse;
import io.tidemark.api.ProtoTimes;
import io.tidemark.client.internal.gateway.Answered;
import io.tidemark.client.internal.gateway.Gateway;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ProbeRequest;
import io.tidemark.proto.v1.ProbeResponse;
import io.tidemark.rest.http.Durations;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Problems;
import io.tidemark.rest.http.Responses;
import io.tidemark.rest.routing.Exchange;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Whether the process lives, and whether it should be sent requests: how stale what it can read is at most. */
final class Health {

    private static final Duration DEADLINE = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Gateway gateway;
    private final ProbeRequest probe;
    private volatile boolean stopping;

    Health(Gateway gateway, Duration maxStaleness) {
        this.gateway = gateway;
        this.probe = ProbeRequest.newBuilder()
                .setMaxStaleness(ProtoTimes.duration(maxStaleness))
                .build();
    }

    /** From now on it is not ready. */
    void stop() {
        stopping = true;
    }

    CompletionStage<HttpResponse> alive(Exchange exchange) {
        exchange.allowParameters(List.of());
        return CompletableFuture.completedFuture(
                Responses.json(200, "{\"alive\":true}", HttpHeaders.of()).toHttpResponse());
    }

    CompletionStage<HttpResponse> ready(Exchange exchange) {
        exchange.allowParameters(List.of());
        if (stopping) {
            return CompletableFuture.completedFuture(notReady(Problem.of(503, "STOPPING", "the sidecar stops")));
        }
        return gateway.call("probe", KeyValueGrpc.getProbeMethod(), probe, false, ProbeResponse::getHeader, DEADLINE)
                .handle((answered, failure) -> failure == null ? ready(answered) : notReady(Problems.of(failure)));
    }

    private static HttpResponse ready(Answered<ProbeResponse> answered) {
        ObjectNode json = JSON.createObjectNode().put("ready", true);
        answered.header().stalenessOnArrival().ifPresent(bound -> json.put("stalenessMs", Durations.millis(bound)));
        json.put("index", Long.toString(answered.header().index()));
        json.put("historyId", answered.header().historyId());
        json.put("servedBy", answered.header().servedBy().id());
        return Responses.json(200, JSON.writeValueAsString(json), HttpHeaders.of())
                .toHttpResponse();
    }

    private static HttpResponse notReady(Problem why) {
        Problem told = why.withStatus(503);
        return Responses.of(told.retryAfter() == null ? told.withRetryAfter(SOON) : told)
                .toHttpResponse();
    }
}
