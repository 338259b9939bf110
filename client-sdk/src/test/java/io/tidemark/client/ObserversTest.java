// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.tidemark.client.internal.call.Observations;
import io.tidemark.client.internal.dispatch.CallContext;
import io.tidemark.client.internal.dispatch.DispatchObserver;
import io.tidemark.client.micrometer.MicrometerObserver;
import io.tidemark.client.opentelemetry.OpenTelemetryObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ObserversTest {

    private final FakeDispatcher server = new FakeDispatcher();

    @Test
    void shouldCountCallsByWhatTheyAskedAndHowTheyEnded() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        TidemarkClient client = TestClient.over(server, new Observations(List.of(new MicrometerObserver(registry))));
        Table<String> users = client.table("users");
        server.staleness = Duration.ofMillis(10);
        server.tripTime = Duration.ofMillis(2);

        users.put("ann", "Ann");
        users.get("ann");
        users.async().get("ann", Consistency.eventual()).join();
        client.commit(tx -> tx.ifAbsent(users, "ann").delete(users, "ann"));
        server.failures.add(new UnavailableException(new Failure("nobody there", "UNAVAILABLE"), null));
        assertThatThrownBy(() -> users.get("ann", Consistency.linearizable())).isInstanceOf(UnavailableException.class);
        server.staleness = null;
        users.get("ann");

        assertThat(calls(registry, "put", "none", "ok").count()).isEqualTo(1);
        assertThat(calls(registry, "get", "bounded", "ok").count()).isEqualTo(2);
        assertThat(calls(registry, "get", "bounded", "ok").max(TimeUnit.MILLISECONDS))
                .isEqualTo(2.0);
        assertThat(calls(registry, "get", "eventual", "ok").count()).isEqualTo(1);
        assertThat(calls(registry, "commit", "none", "refused").count()).isEqualTo(1);
        assertThat(calls(registry, "get", "linearizable", "unavailable").count())
                .isEqualTo(1);
        Timer staleness = registry.get("tidemark.client.staleness")
                .tag("consistency", "bounded")
                .timer();
        assertThat(staleness.count()).isEqualTo(1);
        assertThat(staleness.max(TimeUnit.MILLISECONDS)).isBetween(12.0, 12.1);
        assertThat(registry.get("tidemark.client.staleness.unknown").counter().count())
                .isEqualTo(1.0);
    }

    private static Timer calls(SimpleMeterRegistry registry, String method, String consistency, String outcome) {
        return registry.get("tidemark.client.calls")
                .tag("method", method)
                .tag("consistency", consistency)
                .tag("outcome", outcome)
                .timer();
    }

    @Test
    void shouldCountWhatIsSentAndWhereItCouldGo() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        Observations observations = new Observations(List.of(new MicrometerObserver(registry)));
        DispatchObserver.Attempt attempt = new DispatchObserver.Attempt("tidemark.v1.KeyValue/BatchGet", "a:1", 7);

        Object begun = observations.attemptBegins(null, attempt, (name, value) -> {});
        observations.attemptEnded(begun, attempt, 5_000_000, null);
        observations.attemptEnded(begun, attempt, 5_000_000, "UNAVAILABLE");
        observations.hedged("get");
        observations.endpointChanged("a:1", DispatchObserver.EndpointState.READY);
        observations.endpointChanged("b:1", DispatchObserver.EndpointState.EJECTED);
        observations.endpointChanged("c:1", DispatchObserver.EndpointState.READY);
        observations.endpointChanged("c:1", DispatchObserver.EndpointState.CLOSED);

        assertThat(registry.get("tidemark.client.batch.size").summary().max()).isEqualTo(7.0);
        assertThat(registry.get("tidemark.client.attempts")
                        .tag("outcome", "failed")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("tidemark.client.hedges").counter().count()).isEqualTo(1.0);
        assertThat(registry.get("tidemark.client.endpoints")
                        .tag("state", "ready")
                        .gauge()
                        .value())
                .isEqualTo(1.0);
        assertThat(registry.get("tidemark.client.endpoints")
                        .tag("state", "ejected")
                        .gauge()
                        .value())
                .isEqualTo(1.0);
    }

    @Test
    void shouldCountTheEndpointsOfSeveralClients() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        MicrometerObserver shared = new MicrometerObserver(registry);
        Observations one = new Observations(List.of(shared));
        Observations other = new Observations(List.of(shared));

        one.endpointChanged("a:1", DispatchObserver.EndpointState.READY);
        other.endpointChanged("a:1", DispatchObserver.EndpointState.READY);
        assertThat(ready(registry)).isEqualTo(2.0);
        one.endpointChanged("a:1", DispatchObserver.EndpointState.CLOSED);
        assertThat(ready(registry)).isEqualTo(1.0);
    }

    private static double ready(SimpleMeterRegistry registry) {
        return registry.get("tidemark.client.endpoints")
                .tag("state", "ready")
                .gauge()
                .value();
    }

    @Test
    void shouldPassBaggageOn() {
        OpenTelemetry openTelemetry = OpenTelemetrySdk.builder()
                .setPropagators(ContextPropagators.create(W3CBaggagePropagator.getInstance()))
                .build();
        Observations observations = new Observations(List.of(new OpenTelemetryObserver(openTelemetry)));
        Map<String, String> headers = new HashMap<>();
        DispatchObserver.Attempt attempt = new DispatchObserver.Attempt("tidemark.v1.KeyValue/Get", "a:1", 1);
        server.handedOver = () -> {
            Object context = observations.callBegins(new CallContext("get", 0, false));
            // What is sent is sent on other threads.
            Context.root()
                    .wrap(() -> {
                        Object unused = observations.attemptBegins(context, attempt, headers::put);
                    })
                    .run();
        };
        TidemarkClient client = TestClient.over(server, observations);

        Baggage.builder()
                .put("tenant", "7")
                .build()
                .storeInContext(Context.root())
                .wrap(() -> {
                    GetResult<String> unused = client.table("users").get("ann");
                })
                .run();

        assertThat(headers).containsEntry("baggage", "tenant=7");
    }

    @Test
    void shouldTraceACallAndBelowItWhatWasSent() {
        InMemorySpanExporter spans = InMemorySpanExporter.create();
        OpenTelemetry openTelemetry = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(spans))
                        .build())
                .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                .build();
        Observations observations = new Observations(List.of(new OpenTelemetryObserver(openTelemetry)));
        Map<String, String> headers = new HashMap<>();
        DispatchObserver.Attempt attempt = new DispatchObserver.Attempt("tidemark.v1.KeyValue/Get", "a:1", 1);
        server.handedOver = () -> {
            Object context = observations.callBegins(new CallContext("get", 0, false));
            Object begun = observations.attemptBegins(context, attempt, headers::put);
            observations.attemptEnded(begun, attempt, 1, "UNAVAILABLE");
        };
        TidemarkClient client = TestClient.over(server, observations);

        client.table("users").get("ann");

        List<SpanData> ended = spans.getFinishedSpanItems();
        assertThat(ended).extracting(SpanData::getName).containsExactly("tidemark.v1.KeyValue/Get", "tidemark get");
        SpanData sent = ended.get(0);
        SpanData call = ended.get(1);
        assertThat(sent.getParentSpanId()).isEqualTo(call.getSpanId());
        assertThat(sent.getStatus().getStatusCode())
                .isEqualTo(StatusData.error().getStatusCode());
        assertThat(headers.get("traceparent")).contains(sent.getTraceId(), sent.getSpanId());
        assertThat(call.getAttributes().asMap().toString()).contains("bounded", "served_by", "ok");
    }

    @Test
    void shouldNotFailACallBecauseAnObserverDoes() {
        ClientObserver broken = new ClientObserver() {
            @Override
            public Object callBegins(CallName call) {
                throw new IllegalStateException("broken");
            }

            @Override
            public void callEnded(@Nullable Object begun, CallEnd end) {
                throw new IllegalStateException("broken");
            }
        };

        assertThat(TestClient.over(server, new Observations(List.of(broken)))
                        .table("users")
                        .get("ann")
                        .found())
                .isFalse();
    }
}
