// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.metrics;

import io.tidemark.proto.v1.Alarm;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.store.LogTime;
import io.tidemark.store.engine.EngineStats;
import io.tidemark.store.state.Store;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What a server's store holds, and what is wrong with it. */
public final class StoreMetrics {

    private static final double MILLIS_PER_SECOND = 1e3;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String ALARM_KIND = "ALARM_KIND_";

    private final Figures figures;
    private final Supplier<Optional<Store>> store;

    private StoreMetrics(Figures figures, Supplier<Optional<Store>> store) {
        this.figures = figures;
        this.store = store;
    }

    /**
     * Publishes them.
     *
     * @param store the server's, if it has one; another may take its place
     * @param diskFreeBytes the room that is left where it is
     * @param alarms those that are raised
     */
    public static void register(
            Figures figures,
            Supplier<Optional<Store>> store,
            LongSupplier diskFreeBytes,
            Supplier<List<Alarm>> alarms) {
        new StoreMetrics(figures, store).register();
        figures.gauge(
                "tidemark.store.disk.free.bytes",
                "Room that is left on the disk of the store.",
                diskFreeBytes::getAsLong);
        for (AlarmKind kind : AlarmKind.values()) {
            if (kind != AlarmKind.UNRECOGNIZED && kind != AlarmKind.ALARM_KIND_UNSPECIFIED) {
                figures.gauge(
                        "tidemark.alarms",
                        "Alarms that are raised now; GetStatus says what each is about.",
                        () -> alarms.get().stream()
                                .filter(alarm -> alarm.getKind() == kind)
                                .count(),
                        "kind",
                        kind.name().substring(ALARM_KIND.length()).toLowerCase(Locale.ROOT));
            }
        }
    }

    private void register() {
        gauge("applied.index", "The index of the newest commit that reads can see.", Store::appliedIndex);
        gauge("horizon", "The oldest index that can be read.", Store::horizon);
        gauge("rows", "Live rows.", from -> from.counters().liveRows());
        gauge("live.bytes", "What live rows take.", from -> from.counters().liveBytes());
        gauge("history.bytes", "What superseded rows above the horizon take.", Store::historyBytes);
        gauge(
                "checkpoint.index",
                "The index of the newest state that is durable on this disk.",
                from -> from.durable().index());
        gauge(
                "checkpoint.age.seconds",
                "Log time between the newest checkpoint and the newest state: what a restart applies again.",
                StoreMetrics::checkpointAge);
        engineGauge("disk.bytes", "Table files on disk.", stats -> stats.tableBytes() + stats.pinnedBytes());
        engineGauge("pinned.bytes", "Of these, what only views and pinned checkpoints hold.", EngineStats::pinnedBytes);
        engineGauge("table.files", "Table files.", EngineStats::tables);
        engineGauge("level0.tables", "Tables that compaction has not merged yet.", EngineStats::level0Tables);
        engineGauge("memtable.bytes", "What is in memory and not written to a table.", EngineStats::memtableBytes);
        engineGauge("memtables.frozen", "Memtables that wait to be written.", EngineStats::frozenMemtables);
        engineGauge("held.versions", "Replaced states that views still hold.", EngineStats::heldVersions);
        engineGauge(
                "held.oldest.seconds",
                "For how long the oldest of them has been held.",
                stats -> stats.oldestHeldMillis() / MILLIS_PER_SECOND);
        engineCounter("compactions", "Compactions finished.", EngineStats::compactions);
        engineCounter(
                "slowed.seconds",
                "How long apply was slowed because compaction was behind.",
                stats -> stats.slowedMillis() / MILLIS_PER_SECOND);
    }

    private static double checkpointAge(Store store) {
        if (store.durable().index() == 0) {
            return Double.NaN;
        }
        LogTime durable = store.durable().logTime();
        LogTime newest = store.logTime();
        return newest.seconds() - durable.seconds() + (newest.nanos() - durable.nanos()) / NANOS_PER_SECOND;
    }

    private void gauge(String name, String description, ToDoubleFunction<Store> figure) {
        figures.gauge("tidemark.store." + name, description, () -> value(figure));
    }

    private void engineGauge(String name, String description, ToDoubleFunction<EngineStats> figure) {
        gauge(name, description, from -> figure.applyAsDouble(from.stats()));
    }

    private void engineCounter(String name, String description, ToDoubleFunction<EngineStats> figure) {
        figures.counter("tidemark.store." + name, description, () -> value(from -> figure.applyAsDouble(from.stats())));
    }

    /** The store may be closed meanwhile, because another takes its place. */
    private double value(ToDoubleFunction<Store> figure) {
        try {
            return store.get().map(figure::applyAsDouble).orElse(Double.NaN);
        } catch (RuntimeException closed) {
            return Double.NaN;
        }
    }
}
