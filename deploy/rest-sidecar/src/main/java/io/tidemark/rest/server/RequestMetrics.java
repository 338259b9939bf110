// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.HttpStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.tidemark.rest.routing.Route;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** What is measured of requests. */
final class RequestMetrics {

    private final MeterRegistry registry;

    RequestMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void underWay(IntSupplier count) {
        Gauge.builder("tidemark.sidecar.requests.under.way", count::getAsInt)
                .description("Requests that are not answered yet")
                .register(registry);
    }

    void watches(IntSupplier count) {
        Gauge.builder("tidemark.sidecar.watches", count::getAsInt)
                .description("Watches that are open")
                .register(registry);
    }

    /** @param route null: there is none for it */
    void answered(@Nullable Route route, HttpStatus status, long nanos) {
        Tags tags = Tags.of(
                "route", route == null ? "none" : route.name(),
                "method", route == null ? "none" : route.method().name(),
                "status", Integer.toString(status.code()));
        Timer.builder("tidemark.sidecar.requests")
                .description("Requests until their answer began")
                .tags(tags)
                .publishPercentileHistogram(false)
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
    }
}
