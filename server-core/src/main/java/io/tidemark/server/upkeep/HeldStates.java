// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import io.tidemark.server.time.Timers;
import io.tidemark.store.state.Backup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The states that backups are of: held while one is under way, and for a while after it broke off. Thread-safe. Whoever has one
 * gives it back.
 */
final class HeldStates {

    /** One of them. Guarded by the lock of all. */
    static final class Held {
        private final String name = UUID.randomUUID().toString();
        private Backup.@Nullable Source source;
        private @Nullable BackupSender user;
        private int users;
        private boolean dropped;
        private Timers.@Nullable Pending expiry;

        String name() {
            return name;
        }
    }

    private final BackupOptions options;
    private final Timers timers;
    private final Map<String, Held> states = new LinkedHashMap<>();
    private boolean closed;

    HeldStates(BackupOptions options, Timers timers) {
        this.options = options;
        this.timers = timers;
    }

    /** A place for a state that is yet to come, in use; null: all places are. A state that nobody uses makes way. */
    synchronized @Nullable Held begin() {
        if (closed) {
            return null;
        }
        if (states.size() >= options.backupsMax()) {
            states.values().stream().filter(held -> held.users == 0).findFirst().ifPresent(this::drop);
        }
        if (states.size() >= options.backupsMax()) {
            return null;
        }
        Held held = new Held();
        held.users = 1;
        states.put(held.name, held);
        return held;
    }

    /** Puts the state in its place. */
    synchronized void hold(Held held, Backup.Source source) {
        held.source = source;
    }

    /** The index of a state that is in its place. */
    synchronized long indexOf(Held held) {
        return source(held).index();
    }

    private static Backup.Source source(Held held) {
        Backup.Source source = held.source;
        if (source == null) {
            throw new IllegalStateException("a backup of no state (expected: after the state was put in its place)");
        }
        return source;
    }

    /** One that is held, in use from now on; null: it is not. */
    synchronized @Nullable Held resume(String name) {
        Held held = states.get(name);
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
    synchronized Backup.Source use(Held held, BackupSender sender) {
        if (held.user != null) {
            held.user.end(BackupSender.End.SUPERSEDED);
        }
        held.user = sender;
        if (closed) {
            sender.end(BackupSender.End.STOPPED);
        }
        return source(held);
    }

    /** Whoever used it does so no longer. */
    synchronized void release(Held held, @Nullable BackupSender sender) {
        held.users--;
        if (sender != null && sender.equals(held.user)) {
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
            held.expiry = timers.after(options.heldMax(), () -> expire(held));
        }
    }

    /** It is of no use any more. */
    synchronized void drop(Held held) {
        states.remove(held.name);
        held.dropped = true;
        if (held.users == 0) {
            close(held);
        }
    }

    private synchronized void expire(Held held) {
        if (held.users == 0) {
            drop(held);
        }
    }

    private static void close(Held held) {
        Timers.Pending expiry = held.expiry;
        if (expiry != null) {
            expiry.cancel();
            held.expiry = null;
        }
        Backup.Source source = held.source;
        if (source != null) {
            held.source = null;
            source.close();
        }
    }

    /** Ends what is under way, soon, and holds nothing any more. */
    synchronized void close() {
        closed = true;
        for (Held held : List.copyOf(states.values())) {
            if (held.user != null) {
                held.user.end(BackupSender.End.STOPPED);
            }
            drop(held);
        }
    }

    synchronized int count() {
        return states.size();
    }
}
