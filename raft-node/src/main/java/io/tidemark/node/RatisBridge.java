// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.tidemark.node.consensus.Figure;
import io.tidemark.node.consensus.FigureListener;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Publishes the figures of the library beneath the consensus for as long as it has them, under {@code tidemark.ratis.}. Guarded by
 * itself.
 */
final class RatisBridge implements FigureListener {

    private static final String LIBRARY = "ratis.";
    private static final Pattern NO_WORD = Pattern.compile("[^A-Za-z0-9.]+");

    private final MeterRegistry registry;

    /** A registry holds what it looks at weakly: these keep it. */
    private final Map<Figure, Meter> meters = new HashMap<>();

    RatisBridge(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public synchronized void added(Figure figure) {
        List<Tag> tags = figure.tags().entrySet().stream()
                .map(tag -> Tag.of(tag.getKey(), tag.getValue()))
                .toList();
        String name = name(figure);
        Meter meter = figure.rises()
                ? FunctionCounter.builder(
                                name, figure, counted -> counted.value().getAsDouble())
                        .description("Of Apache Ratis.")
                        .tags(tags)
                        .register(registry)
                : Gauge.builder(name, figure, shown -> shown.value().getAsDouble())
                        .description("Of Apache Ratis.")
                        .tags(tags)
                        .register(registry);
        meters.put(figure, meter);
    }

    @Override
    public synchronized void removed(Figure figure) {
        Meter meter = meters.remove(figure);
        if (meter != null) {
            registry.remove(meter);
        }
    }

    private static String name(Figure figure) {
        String own = figure.name().startsWith(LIBRARY) ? figure.name().substring(LIBRARY.length()) : figure.name();
        // A counter's name is given its ending by the registry.
        String words = NO_WORD.matcher(own).replaceAll(".");
        return "tidemark.ratis." + (words.endsWith(".count") ? words.substring(0, words.length() - 6) : words);
    }
}
