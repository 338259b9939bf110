// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.time;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calls to come, by the moment at which they are due: nearly all are cancelled long before, so entering and leaving are what must be
 * cheap. Time is cut into ticks, and each tick has a slot for the calls of that tick in this turn of the wheel and in later ones.
 * Stripes keep threads from meeting at the slot of the present moment. Each slot is guarded by itself; {@link #advance} is called by
 * one thread at a time.
 */
final class Wheel {

    static final long TICK_NANOS = 2_000_000;

    private static final int SLOTS = 512;
    private static final int STRIPES = 4;

    private final Slot[] slots = new Slot[SLOTS * STRIPES];
    /** Everything before it has been made. Raised before the slots up to there are looked at. */
    private volatile long tick;

    private static final class Slot {
        private @Nullable Entry head;
    }

    private static final class Entry implements Timers.Pending {
        private final Slot slot;
        private final long dueNanos;
        private final Runnable call;
        private boolean linked;
        private @Nullable Entry before;
        private @Nullable Entry after;

        Entry(Slot slot, long dueNanos, Runnable call) {
            this.slot = slot;
            this.dueNanos = dueNanos;
            this.call = call;
        }

        @Override
        public void cancel() {
            synchronized (slot) {
                unlink();
            }
        }

        /** Takes it back; false: it was made or cancelled. */
        boolean unlinked() {
            synchronized (slot) {
                boolean was = linked;
                unlink();
                return was;
            }
        }

        void link() {
            Entry head = slot.head;
            after = head;
            if (head != null) {
                head.before = this;
            }
            slot.head = this;
            linked = true;
        }

        void unlink() {
            if (!linked) {
                return;
            }
            linked = false;
            Entry previous = before;
            Entry next = after;
            if (previous == null) {
                slot.head = next;
            } else {
                previous.after = next;
            }
            if (next != null) {
                next.before = previous;
            }
            before = null;
            after = null;
        }
    }

    Wheel(long nowNanos) {
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot();
        }
        tick = tickOf(nowNanos);
    }

    /** The tick in which everything due by then has been made. */
    private static long tickOf(long nanos) {
        return Math.floorDiv(nanos, TICK_NANOS);
    }

    Timers.Pending add(long dueNanos, Runnable call) {
        // Due at the end of its tick, so that it is never early; in a tick that has passed nobody would find it.
        int stripe = (int) Thread.currentThread().getId() & (STRIPES - 1);
        while (true) {
            long at = Math.max(tickOf(dueNanos), tick);
            Slot slot = slots[(int) (at & (SLOTS - 1)) * STRIPES + stripe];
            Entry entry = new Entry(slot, dueNanos, call);
            synchronized (slot) {
                entry.link();
            }
            if (tick <= at || !entry.unlinked()) {
                return entry;
            }
        }
    }

    /** What has fallen due by now, in no order. */
    List<Runnable> advance(long nowNanos) {
        List<Runnable> due = new ArrayList<>();
        long now = tickOf(nowNanos);
        // The present tick is looked at again next time: more of it may fall due.
        long from = Math.max(tick, now - SLOTS + 1);
        // Whoever adds a call to a slot after we have looked there sees that we have.
        tick = now;
        for (long at = from; at <= now; at++) {
            collect((int) (at & (SLOTS - 1)), nowNanos, due);
        }
        return due;
    }

    private void collect(int place, long nowNanos, List<Runnable> due) {
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            Slot slot = slots[place * STRIPES + stripe];
            synchronized (slot) {
                Entry entry = slot.head;
                while (entry != null) {
                    Entry next = entry.after;
                    if (entry.dueNanos - nowNanos <= 0) {
                        entry.unlink();
                        due.add(entry.call);
                    }
                    entry = next;
                }
            }
        }
    }

    /** When to look again at the latest; far off if there is nothing. */
    long nextLook(long nowNanos) {
        // What was added late stands in a tick before the present one.
        long from = Math.min(tick, tickOf(nowNanos));
        for (long at = from; at < from + SLOTS; at++) {
            for (int stripe = 0; stripe < STRIPES; stripe++) {
                Slot slot = slots[(int) (at & (SLOTS - 1)) * STRIPES + stripe];
                synchronized (slot) {
                    if (slot.head != null) {
                        return (at + 1) * TICK_NANOS;
                    }
                }
            }
        }
        return nowNanos + Long.MAX_VALUE / 2;
    }

    /** All of them, due or not. */
    List<Runnable> drain() {
        List<Runnable> all = new ArrayList<>();
        for (int place = 0; place < SLOTS; place++) {
            for (int stripe = 0; stripe < STRIPES; stripe++) {
                Slot slot = slots[place * STRIPES + stripe];
                synchronized (slot) {
                    while (slot.head != null) {
                        Entry entry = slot.head;
                        entry.unlink();
                        all.add(entry.call);
                    }
                }
            }
        }
        return all;
    }
}
