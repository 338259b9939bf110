// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.HttpStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tidemark.rest.routing.Route;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What is measured of requests. For any thread. */
final class RequestMetrics {

    /** Statuses have three digits, and those of HTTP are below. */
    private static final int STATUSES = 600;

    private final MeterRegistry registry;

    /** By status: to ask the registry for one costs more than to record. */
    private final Map<Route, AtomicReferenceArray<@Nullable Timer>> timers = new ConcurrentHashMap<>();

    private final AtomicReferenceArray<@Nullable Timer> unrouted = new AtomicReferenceArray<>(STATUSES);

    RequestMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void underWay(IntSupplier count) {
        Gauge.builder("tidemark.sidecar.requests.under.way", count::getAsInt)
                .description("Requests that are not answered yet")
                .register(registry);
    }

    void bodies(LongSupplier bytes) {
        Gauge.builder("tidemark.sidecar.pending.bytes", bytes::getAsLong)
                .description("How much of the bodies of requests under way is in memory")
                .baseUnit("bytes")
                .register(registry);
    }

    void unread(LongSupplier bytes) {
        Gauge.builder("tidemark.sidecar.unread.bytes", bytes::getAsLong)
                .description("How much of answers is in memory because their callers have not taken them")
                .baseUnit("bytes")
                .register(registry);
    }

    void watches(IntSupplier count) {
        Gauge.builder("tidemark.sidecar.watches", count::getAsInt)
                .description("Watches that are open")
                .register(registry);
    }

    /** @param route null: there is none for it */
    void answered(@Nullable Route route, HttpStatus status, long nanos) {
        AtomicReferenceArray<@Nullable Timer> byStatus = route == null ? unrouted : timers.get(route);
        if (byStatus == null) {
            byStatus = timers.computeIfAbsent(route, unused -> new AtomicReferenceArray<>(STATUSES));
        }
        int code = Math.min(status.code(), STATUSES - 1);
        Timer timer = byStatus.get(code);
        if (timer == null) {
            timer = timer(route, code);
            byStatus.set(code, timer);
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(@Nullable Route route, int code) {
        return Timer.builder("tidemark.sidecar.requests")
                .description("Requests until their answer began")
                .tags(
                        "route", route == null ? "none" : route.name(),
                        "method", route == null ? "none" : route.method().name(),
                        "status", Integer.toString(code))
                .publishPercentileHistogram(false)
                .register(registry);
    }
}
