// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.server.time.Timers;
import io.tidemark.server.upkeep.Alarms;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node does unasked, time and again, and what it does about a clock that is wrong. */
final class Housekeeping implements AutoCloseable {

    /** What it needs of the group. */
    interface Leading {
        boolean leads();

        /** Confirms leadership, and so compares clocks. */
        void confirm();

        /** Whether this node may lead, as far as its clock goes. */
        void mayLead(boolean may);
    }

    /** A leader that nobody reads from still compares its clock. */
    static final Duration CLOCKS_INTERVAL = Duration.ofSeconds(2);

    /** A node that does not lead cannot compare its clock, so it may lead again after this, to see. */
    static final Duration CLOCK_PAUSE = Duration.ofSeconds(60);

    static final Duration IDLE_INTERVAL = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

    private final String selfId;
    private final Leading leading;
    private final Supplier<Optional<Store>> store;
    private final Executor disk;
    private final Alarms alarms;
    private final Timers timers;
    private volatile boolean closed;

    /** Of the timers' thread. */
    private long idleIndex = -1;

    /** @param disk where what waits for the store's writer is done */
    Housekeeping(
            String selfId,
            Leading leading,
            Supplier<Optional<Store>> store,
            Executor disk,
            Alarms alarms,
            Timers timers) {
        this.selfId = selfId;
        this.leading = leading;
        this.store = store;
        this.disk = disk;
        this.alarms = alarms;
        this.timers = timers;
    }

    void begin() {
        timers.after(CLOCKS_INTERVAL, this::compareClocks);
        timers.after(IDLE_INTERVAL, this::lookWhetherIdle);
    }

    private void compareClocks() {
        if (closed) {
            return;
        }
        timers.after(CLOCKS_INTERVAL, this::compareClocks);
        if (leading.leads()) {
            leading.confirm();
        }
    }

    /** Where nothing is written all servers come to be at one index, and can be compared there. */
    private void lookWhetherIdle() {
        if (closed) {
            return;
        }
        timers.after(IDLE_INTERVAL, this::lookWhetherIdle);
        store.get().ifPresent(present -> {
            long index = present.appliedIndex();
            if (index == idleIndex) {
                disk.execute(present::keepDigests);
            }
            idleIndex = index;
        });
    }

    /** A leader whose clock is wrong bends log time, so for a while it lets others lead. */
    void clockOff(Duration off) {
        String message = "the clock of node " + selfId + " is off by at least " + off.toMillis()
                + " ms from those of a majority: set it";
        LOG.warn("{}", message);
        alarms.raise(AlarmKind.ALARM_KIND_CLOCK_OFF, Map.of("node", selfId), message);
        leading.mayLead(false);
        timers.after(CLOCK_PAUSE, () -> {
            alarms.clear(AlarmKind.ALARM_KIND_CLOCK_OFF, Map.of("node", selfId));
            leading.mayLead(true);
        });
    }

    @Override
    public void close() {
        closed = true;
    }
}
