// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.server.time.Timers;
import io.tidemark.store.engine.EngineClosedException;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Raises an alarm for each file in which a read met damage, for as long as the store has it. Reads go elsewhere with it, so nobody else
 * would tell. Of the timers' thread.
 */
public final class DamageWatch implements AutoCloseable {

    public static final Duration INTERVAL = Duration.ofSeconds(1);

    private final String selfId;
    private final Supplier<Optional<Store>> store;
    private final Alarms alarms;
    private final Timers timers;
    private final Set<String> told = new HashSet<>();
    private volatile boolean closed;

    public DamageWatch(String selfId, Supplier<Optional<Store>> store, Alarms alarms, Timers timers) {
        this.selfId = selfId;
        this.store = store;
        this.alarms = alarms;
        this.timers = timers;
    }

    /** Looks from now on until it is closed. */
    public void begin() {
        timers.after(INTERVAL, this::look);
    }

    private void look() {
        if (closed) {
            return;
        }
        timers.after(INTERVAL, this::look);
        store.get().ifPresent(present -> {
            try {
                tell(Set.copyOf(present.stats().damagedFiles()));
            } catch (EngineClosedException replaced) {
                // The next look is at the store that takes its place.
            }
        });
    }

    private void tell(Set<String> damaged) {
        for (String file : damaged) {
            told.add(file);
            alarms.raise(
                    AlarmKind.ALARM_KIND_CORRUPTION,
                    subject(file),
                    "file " + file + " of " + selfId
                            + " does not hold what was written to it: what lies there cannot be read");
        }
        for (String file : Set.copyOf(told)) {
            if (!damaged.contains(file)) {
                told.remove(file);
                alarms.clear(AlarmKind.ALARM_KIND_CORRUPTION, subject(file));
            }
        }
    }

    private static Map<String, String> subject(String file) {
        return Map.of("file", file);
    }

    @Override
    public void close() {
        closed = true;
    }
}
