// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import org.apache.ratis.metrics.MetricRegistries;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.apache.ratis.metrics.RatisMetricRegistry;
import org.apache.ratis.metrics.impl.RatisMetricRegistryImpl;
import org.apache.ratis.thirdparty.com.codahale.metrics.Counter;
import org.apache.ratis.thirdparty.com.codahale.metrics.Gauge;
import org.apache.ratis.thirdparty.com.codahale.metrics.Meter;
import org.apache.ratis.thirdparty.com.codahale.metrics.MetricRegistry;
import org.apache.ratis.thirdparty.com.codahale.metrics.MetricRegistryListener;
import org.apache.ratis.thirdparty.com.codahale.metrics.Snapshot;
import org.apache.ratis.thirdparty.com.codahale.metrics.Timer;

/**
 * What Ratis counts of one member. Its registries are of the whole process, so those of other members are passed over, and it must
 * be told before a server is built that somebody listens: else it publishes all by JMX.
 */
final class RatisFigures implements AutoCloseable {

    private static final double NANOS_PER_SECOND = 1e9;

    private final String member;
    private final Map<String, List<Figure>> byMetric = new ConcurrentHashMap<>();
    private final Set<FigureListener> listeners = ConcurrentHashMap.newKeySet();
    private final Consumer<RatisMetricRegistry> appeared = this::appeared;
    private final Consumer<RatisMetricRegistry> gone = this::gone;

    private RatisFigures(String member) {
        this.member = member;
    }

    /** @param member of the group, as Ratis names it in its registries */
    static RatisFigures register(String member) {
        RatisFigures figures = new RatisFigures(member);
        MetricRegistries.global().addReporterRegistration(figures.appeared, figures.gone);
        return figures;
    }

    private void appeared(RatisMetricRegistry registry) {
        if (isOurs(registry) && registry instanceof RatisMetricRegistryImpl impl) {
            impl.getDropWizardMetricRegistry().addListener(new Collector(registry.getMetricRegistryInfo()));
        }
    }

    private void gone(RatisMetricRegistry registry) {
        if (isOurs(registry) && registry instanceof RatisMetricRegistryImpl impl) {
            impl.getDropWizardMetricRegistry().getNames().forEach(this::remove);
        }
    }

    private boolean isOurs(RatisMetricRegistry registry) {
        return registry.getMetricRegistryInfo().getPrefix().contains(member);
    }

    /** The sum of the figures of a name; 0 if there is none. */
    double value(String name) {
        return byMetric.values().stream()
                .flatMap(List::stream)
                .filter(figure -> figure.name().equals(name))
                .mapToDouble(figure -> figure.value().getAsDouble())
                .sum();
    }

    void watch(FigureListener listener) {
        synchronized (listeners) {
            listeners.add(listener);
            byMetric.values().forEach(figures -> figures.forEach(listener::added));
        }
    }

    void unwatch(FigureListener listener) {
        listeners.remove(listener);
    }

    private void add(String metric, List<Figure> figures) {
        synchronized (listeners) {
            List<Figure> before = byMetric.put(metric, figures);
            listeners.forEach(listener -> {
                if (before != null) {
                    before.forEach(listener::removed);
                }
                figures.forEach(listener::added);
            });
        }
    }

    private void remove(String metric) {
        synchronized (listeners) {
            List<Figure> before = byMetric.remove(metric);
            if (before != null) {
                listeners.forEach(listener -> before.forEach(listener::removed));
            }
        }
    }

    @Override
    public void close() {
        MetricRegistries.global().removeReporterRegistration(appeared, gone);
        List.copyOf(byMetric.keySet()).forEach(this::remove);
    }

    /** Hears of one registry of Ratis what is in it. */
    private final class Collector extends MetricRegistryListener.Base {
        private final String before;
        private final String component;

        Collector(MetricRegistryInfo info) {
            component = info.getApplicationName() + "." + info.getMetricsComponentName();
            before = MetricRegistry.name(info.getApplicationName(), info.getMetricsComponentName(), info.getPrefix())
                    + ".";
        }

        private Figure figure(String metric, String part, boolean rises, DoubleSupplier value) {
            String own = metric.startsWith(before) ? metric.substring(before.length()) : metric;
            return new Figure(component + "." + own + part, Map.of("member", member), rises, value);
        }

        @Override
        public void onGaugeAdded(String metric, Gauge<?> gauge) {
            add(metric, List.of(figure(metric, "", false, () -> {
                Object value = gauge.getValue();
                return value instanceof Number number ? number.doubleValue() : Double.NaN;
            })));
        }

        @Override
        public void onGaugeRemoved(String metric) {
            remove(metric);
        }

        @Override
        public void onCounterAdded(String metric, Counter counter) {
            add(metric, List.of(figure(metric, "", false, counter::getCount)));
        }

        @Override
        public void onCounterRemoved(String metric) {
            remove(metric);
        }

        @Override
        public void onMeterAdded(String metric, Meter meter) {
            add(metric, List.of(figure(metric, "", true, meter::getCount)));
        }

        @Override
        public void onMeterRemoved(String metric) {
            remove(metric);
        }

        @Override
        public void onTimerAdded(String metric, Timer timer) {
            List<Figure> figures = new CopyOnWriteArrayList<>();
            figures.add(figure(metric, ".count", true, timer::getCount));
            figures.add(seconds(metric, ".seconds.p50", timer, Snapshot::getMedian));
            figures.add(seconds(metric, ".seconds.p99", timer, Snapshot::get99thPercentile));
            figures.add(seconds(metric, ".seconds.max", timer, Snapshot::getMax));
            add(metric, figures);
        }

        private Figure seconds(String metric, String part, Timer timer, ToDoubleFunction<Snapshot> of) {
            return figure(metric, part, false, () -> of.applyAsDouble(timer.getSnapshot()) / NANOS_PER_SECOND);
        }

        @Override
        public void onTimerRemoved(String metric) {
            remove(metric);
        }
    }
}
