// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.watch;

import com.linecorp.armeria.common.HttpResponse;
import io.tidemark.client.internal.dispatch.Dispatcher;
import io.tidemark.client.internal.gateway.Gateway;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.proto.v1.WatchTopologyRequest;
import io.tidemark.proto.v1.WatchTopologyResponse;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.json.ContractJson;
import io.tidemark.rest.json.Fields;
import io.tidemark.rest.routing.Exchange;
import io.tidemark.rest.routing.Handler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The topology as server-sent events: the one that the sidecar knows, and again whenever it changes. */
public final class TopologyEvents implements Handler {

    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Pattern ID = Pattern.compile("([0-9a-z]{16})-([0-9]{1,18})-([0-9]{1,18})");

    private final Gateway gateway;
    private final Watchers watchers;
    private final WatchHandler.Options options;

    public TopologyEvents(Gateway gateway, Watchers watchers, WatchHandler.Options options) {
        this.gateway = gateway;
        this.watchers = watchers;
        this.options = options;
    }

    @Override
    public CompletionStage<HttpResponse> handle(Exchange exchange) {
        WatchTopologyRequest.Builder request = WatchTopologyRequest.newBuilder();
        exchange.target().query().forEach((name, values) -> Fields.set(request, name, values));
        TopologyVersion known = known(exchange, request);
        watchers.enter();
        EventStream stream = new EventStream(exchange.context(), watchers, options.bytesMax(), options.stallMax());
        watchers.opened(stream);
        exchange.context().eventLoop().execute(() -> {
            stream.begin(RETRY);
            stream.beat(options.heartbeat());
        });
        Dispatcher.Subscription subscription =
                gateway.onTopology(topology -> stream.pace().execute(() -> {
                    if (!topology.getVersion().equals(known)) {
                        tell(stream, topology);
                    }
                }));
        var unused = stream.response().whenComplete().handle((done, failure) -> {
            subscription.close();
            watchers.left(stream);
            return null;
        });
        return CompletableFuture.completedFuture(stream.response());
    }

    @Override
    public boolean lasting() {
        return true;
    }

    /** What a reader has that comes back, which knows better than what it first asked for. */
    private static TopologyVersion known(Exchange exchange, WatchTopologyRequest.Builder request) {
        String lastEventId = exchange.header("last-event-id");
        if (lastEventId == null || lastEventId.isBlank()) {
            return request.getKnownVersion();
        }
        Matcher id = ID.matcher(lastEventId.strip());
        if (!id.matches()) {
            throw Problem.invalid(
                            "Last-Event-ID", "Last-Event-ID: '" + lastEventId + "' (expected: the id of an event)")
                    .toException();
        }
        return TopologyVersion.newBuilder()
                .setHistoryId(id.group(1))
                .setTerm(Long.parseLong(id.group(2)))
                .setEpoch(Long.parseLong(id.group(3)))
                .build();
    }

    private static void tell(EventStream stream, Topology topology) {
        TopologyVersion version = topology.getVersion();
        String id = version.getHistoryId() + "-" + version.getTerm() + "-" + version.getEpoch();
        WatchTopologyResponse message =
                WatchTopologyResponse.newBuilder().setTopology(topology).build();
        stream.event("topology", id, ContractJson.print(message));
    }
}
