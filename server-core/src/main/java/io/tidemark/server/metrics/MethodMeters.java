// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.metrics;

import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The meters of one method on one port. Thread-safe. */
final class MethodMeters {

    /** Of a failure that gRPC, a connection or the caller made. */
    static final String NO_REASON = "none";

    private final MeterRegistry registry;
    private final Tags method;
    private final Timer durations;
    private final Counter receivedBytes;
    private final Counter sentBytes;
    private final LongAdder underWay = new LongAdder();
    private final AtomicReferenceArray<@Nullable Counter> ends =
            new AtomicReferenceArray<>(Status.Code.values().length);
    private final Map<String, Counter> failures = new ConcurrentHashMap<>();

    MethodMeters(MeterRegistry registry, String port, String service, String name) {
        this.registry = registry;
        this.method = Tags.of("port", port, "service", service, "method", name);
        this.durations = Timer.builder("tidemark.grpc.call.duration")
                .description("From a call's headers to its end; of streams, how long they lasted.")
                .tags(method)
                .serviceLevelObjectives(Buckets.durations())
                .register(registry);
        this.receivedBytes = bytes("tidemark.grpc.received.bytes", "Request messages, as on the wire.");
        this.sentBytes = bytes("tidemark.grpc.sent.bytes", "Answer messages, as on the wire.");
        Gauge.builder("tidemark.grpc.calls.in.flight", underWay, LongAdder::sum)
                .description("Calls that have begun and not ended.")
                .tags(method)
                .register(registry);
        Counter unused = end(Status.Code.OK);
    }

    void began() {
        underWay.increment();
    }

    long underWay() {
        return underWay.sum();
    }

    void received(long bytes) {
        receivedBytes.increment((double) bytes);
    }

    void sent(long bytes) {
        sentBytes.increment((double) bytes);
    }

    void ended(Status.Code code, long nanos) {
        underWay.decrement();
        durations.record(nanos, TimeUnit.NANOSECONDS);
        Counter counter = ends.get(code.value());
        (counter == null ? end(code) : counter).increment();
    }

    void failed(String reason) {
        failures.computeIfAbsent(reason, this::failure).increment();
    }

    /** The registry gives the same one to all who ask at once. */
    private Counter end(Status.Code code) {
        Counter counter = Counter.builder("tidemark.grpc.calls")
                .description("Calls that ended, by the gRPC code they ended with.")
                .tags(method.and("code", code.name()))
                .register(registry);
        ends.set(code.value(), counter);
        return counter;
    }

    private Counter failure(String reason) {
        return Counter.builder("tidemark.grpc.failures")
                .description("Calls that the server ended with an error, by the reason it gave.")
                .tags(method.and("reason", reason))
                .register(registry);
    }

    private Counter bytes(String name, String description) {
        return Counter.builder(name).description(description).tags(method).register(registry);
    }
}
