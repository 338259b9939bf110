// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.micrometer;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tidemark.client.ClientObserver;
import io.tidemark.client.Header;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Metrics of a client, by Micrometer:
 *
 * <ul>
 *   <li>{@code tidemark.client.calls}, a timer: calls by {@code method}, {@code consistency} and {@code outcome}
 *   <li>{@code tidemark.client.attempts}, a timer: messages to servers by {@code rpc} and {@code outcome} ({@code answered}, {@code failed})
 *   <li>{@code tidemark.client.batch.size}, a summary: how many calls travelled in a message, by {@code rpc}
 *   <li>{@code tidemark.client.hedges}, a counter: reads that were sent to a second server, by {@code method}
 *   <li>{@code tidemark.client.staleness}, a timer: what was proven of answers when they came, by {@code method} and {@code consistency}
 *   <li>{@code tidemark.client.staleness.unknown}, a counter: answers to reads of which nothing was proven
 *   <li>{@code tidemark.client.endpoints}, a gauge: servers by the {@code state} of the connection to them
 * </ul>
 *
 * <!-- snippet micrometer -->
 * <pre>{@code
 * TidemarkClient client = TidemarkClient.builder()
 *         .endpoints("127.0.0.1:7400")
 *         .observer(new MicrometerObserver(registry))
 *         .build();
 * }</pre>
 */
public final class MicrometerObserver implements ClientObserver {

    private final MeterRegistry registry;
    private final Map<CallKey, Timer> calls = new ConcurrentHashMap<>();
    private final Map<CallName, Timer> staleness = new ConcurrentHashMap<>();
    private final Map<String, DistributionSummary> batchSizes = new ConcurrentHashMap<>();
    private final Map<AttemptKey, Timer> attempts = new ConcurrentHashMap<>();
    private final Map<Endpoint, EndpointState> endpoints = new ConcurrentHashMap<>();

    private record CallKey(CallName name, String outcome) {}

    private record AttemptKey(String rpc, String outcome) {}

    /** A connection: several clients may have one to the same server. */
    private record Endpoint(Object client, String address) {}

    /** Into this registry. One observer serves any number of clients, which are then counted together. */
    public MicrometerObserver(MeterRegistry registry) {
        this.registry = Objects.requireNonNull(registry, "registry");
        for (EndpointState state : EndpointState.values()) {
            if (state != EndpointState.CLOSED) {
                Gauge.builder("tidemark.client.endpoints", () -> count(state))
                        .description("Servers, by the state of the connection to them")
                        .tag("state", state.name().toLowerCase(Locale.ROOT))
                        .register(registry);
            }
        }
    }

    @Override
    public void callEnded(@Nullable Object begun, CallEnd end) {
        calls.computeIfAbsent(new CallKey(end.name(), end.outcome()), this::calls)
                .record(end.took());
        Header header = end.header();
        if (header != null && !end.name().consistency().equals("none")) {
            header.stalenessOnArrival().ifPresentOrElse(proven -> served(end.name(), proven), this::unknown);
        }
    }

    private void served(CallName name, Duration proven) {
        staleness
                .computeIfAbsent(
                        name,
                        each -> Timer.builder("tidemark.client.staleness")
                                .description("Staleness of answers to reads when they came")
                                .tag("method", each.method())
                                .tag("consistency", each.consistency())
                                .register(registry))
                .record(proven);
    }

    private void unknown() {
        registry.counter("tidemark.client.staleness.unknown").increment();
    }

    @Override
    public @Nullable Object attemptBegins(@Nullable Object begun, Sent sent, BiConsumer<String, String> headers) {
        batchSizes
                .computeIfAbsent(
                        sent.rpc(),
                        rpc -> DistributionSummary.builder("tidemark.client.batch.size")
                                .description("How many calls travelled in a message")
                                .tag("rpc", rpc)
                                .register(registry))
                .record(sent.calls());
        return null;
    }

    @Override
    public void attemptEnded(@Nullable Object attempt, Sent sent, Duration took, @Nullable String failure) {
        attempts.computeIfAbsent(
                        new AttemptKey(sent.rpc(), failure == null ? "answered" : "failed"),
                        key -> Timer.builder("tidemark.client.attempts")
                                .description("Messages to servers")
                                .tag("rpc", key.rpc())
                                .tag("outcome", key.outcome())
                                .register(registry))
                .record(took);
    }

    @Override
    public void hedged(String method) {
        registry.counter("tidemark.client.hedges", "method", method).increment();
    }

    @Override
    public ClientObserver ofClient() {
        return new OfClient();
    }

    @Override
    public void endpointChanged(String address, EndpointState state) {
        endpointChanged(this, address, state);
    }

    private void endpointChanged(Object client, String address, EndpointState state) {
        Endpoint endpoint = new Endpoint(client, address);
        if (state == EndpointState.CLOSED) {
            endpoints.remove(endpoint);
        } else {
            endpoints.put(endpoint, state);
        }
    }

    /** One client's share: it differs in nothing but its connections. */
    private final class OfClient implements ClientObserver {

        @Override
        public void callEnded(@Nullable Object begun, CallEnd end) {
            MicrometerObserver.this.callEnded(begun, end);
        }

        @Override
        public @Nullable Object attemptBegins(@Nullable Object begun, Sent sent, BiConsumer<String, String> headers) {
            return MicrometerObserver.this.attemptBegins(begun, sent, headers);
        }

        @Override
        public void attemptEnded(@Nullable Object attempt, Sent sent, Duration took, @Nullable String failure) {
            MicrometerObserver.this.attemptEnded(attempt, sent, took, failure);
        }

        @Override
        public void hedged(String method) {
            MicrometerObserver.this.hedged(method);
        }

        @Override
        public void endpointChanged(String address, EndpointState state) {
            MicrometerObserver.this.endpointChanged(this, address, state);
        }
    }

    private long count(EndpointState state) {
        return endpoints.values().stream().filter(each -> each == state).count();
    }

    private Timer calls(CallKey key) {
        return Timer.builder("tidemark.client.calls")
                .description("Calls, from their beginning to their result")
                .tag("method", key.name().method())
                .tag("consistency", key.name().consistency())
                .tag("outcome", key.outcome())
                .register(registry);
    }
}
