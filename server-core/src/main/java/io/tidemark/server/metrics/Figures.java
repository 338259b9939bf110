// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;

/**
 * Publishes numbers that are kept elsewhere, and looked at only when somebody asks for the page. A registry holds what it looks at
 * weakly, so whoever publishes keeps this for as long as the numbers are to be told. Thread-safe.
 */
public final class Figures {

    private final MeterRegistry registry;
    private final List<DoubleSupplier> looked = new CopyOnWriteArrayList<>();

    public Figures(MeterRegistry registry) {
        this.registry = registry;
    }

    public MeterRegistry registry() {
        return registry;
    }

    /** How it is now; NaN where that is not known. */
    public void gauge(String name, String description, DoubleSupplier value, String... tags) {
        Gauge.builder(name, value::getAsDouble)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** What never falls. */
    public void counter(String name, String description, DoubleSupplier value, String... tags) {
        looked.add(value);
        FunctionCounter.builder(name, value, DoubleSupplier::getAsDouble)
                .description(description)
                .tags(Tags.of(tags))
                .register(registry);
    }
}
