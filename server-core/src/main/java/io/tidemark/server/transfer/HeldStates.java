// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.transfer;

import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The states that copies are of: held while one is under way, and for a while after it broke off. Thread-safe. Whoever has one
 * gives it back.
 */
public final class HeldStates<S> {

    /** One of them. Guarded by the lock of all. */
    public static final class Held<S> {
        private final String name = UUID.randomUUID().toString();
        private @Nullable S source;
        private @Nullable Room user;
        private int users;
        private boolean dropped;
        private Timers.@Nullable Pending expiry;

        /** What it can be resumed by. */
        public String name() {
            return name;
        }
    }

    private final int statesMax;
    private final Duration heldMax;
    private final Consumer<S> closer;
    private final Timers timers;
    private final Map<String, Held<S>> states = new LinkedHashMap<>();
    private boolean closed;

    /**
     * Holds nothing yet.
     *
     * @param statesMax how many there may be at a time
     * @param heldMax for how long one is held that nobody uses
     * @param closer lets one go
     */
    public HeldStates(int statesMax, Duration heldMax, Consumer<S> closer, Timers timers) {
        this.statesMax = statesMax;
        this.heldMax = heldMax;
        this.closer = closer;
        this.timers = timers;
    }

    /** A place for a state that is yet to come, in use; null: all places are. A state that nobody uses makes way. */
    public synchronized @Nullable Held<S> begin() {
        if (closed) {
            return null;
        }
        if (states.size() >= statesMax) {
            states.values().stream().filter(held -> held.users == 0).findFirst().ifPresent(this::drop);
        }
        if (states.size() >= statesMax) {
            return null;
        }
        Held<S> held = new Held<>();
        held.users = 1;
        states.put(held.name, held);
        return held;
    }

    /** Puts the state in its place. */
    public synchronized void hold(Held<S> held, S source) {
        held.source = source;
    }

    /** A state that is in its place. */
    public synchronized S state(Held<S> held) {
        return source(held);
    }

    private S source(Held<S> held) {
        S source = held.source;
        if (source == null) {
            throw new IllegalStateException("a copy of no state (expected: after the state was put in its place)");
        }
        return source;
    }

    /** One that is held, in use from now on; null: it is not. */
    public synchronized @Nullable Held<S> resume(String name) {
        Held<S> held = states.get(name);
        if (held == null || held.source == null) {
            return null;
        }
        held.users++;
        Timers.Pending expiry = held.expiry;
        if (expiry != null) {
            expiry.cancel();
            held.expiry = null;
        }
        return held;
    }

    /** The state to send. Whoever sent it until now breaks off: its caller has come back for the rest. */
    public synchronized S use(Held<S> held, Room room) {
        if (held.user != null) {
            held.user.end(Room.End.SUPERSEDED);
        }
        held.user = room;
        if (closed) {
            room.end(Room.End.STOPPED);
        }
        return source(held);
    }

    /** Whoever used it does so no longer. */
    public synchronized void release(Held<S> held, @Nullable Room room) {
        held.users--;
        if (room != null && room.equals(held.user)) {
            held.user = null;
        }
        if (held.users > 0) {
            return;
        }
        if (held.dropped) {
            close(held);
        } else if (held.source == null || closed) {
            drop(held);
        } else {
            held.expiry = timers.after(heldMax, () -> expire(held));
        }
    }

    /** It is of no use any more. */
    public synchronized void drop(Held<S> held) {
        states.remove(held.name);
        held.dropped = true;
        if (held.users == 0) {
            close(held);
        }
    }

    private synchronized void expire(Held<S> held) {
        if (held.users == 0) {
            drop(held);
        }
    }

    private void close(Held<S> held) {
        Timers.Pending expiry = held.expiry;
        if (expiry != null) {
            expiry.cancel();
            held.expiry = null;
        }
        S source = held.source;
        if (source != null) {
            held.source = null;
            closer.accept(source);
        }
    }

    /** Ends what is under way, soon, and holds nothing any more. */
    public synchronized void close() {
        closed = true;
        for (Held<S> held : List.copyOf(states.values())) {
            if (held.user != null) {
                held.user.end(Room.End.STOPPED);
            }
            drop(held);
        }
    }

    /** How many are held. */
    public synchronized int count() {
        return states.size();
    }
}
