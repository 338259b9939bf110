// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.Limits;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What gathers on its way to each server. Thread-safe; finding what is there takes no lock. */
final class Gatherings {

    /** So many kinds of reads to one server are gathered at a time; those beyond travel alone. */
    private static final int KINDS_MAX = 16;

    /** Until the cluster has said what it allows. */
    private static final Limits CAUTIOUS = Limits.newBuilder()
            .setMaxBatchKeys(256)
            .setMaxBatchWrites(256)
            .setMaxRequestBytes(1 << 20)
            .build();

    private final Map<Server, Towards> byServer = new ConcurrentHashMap<>();
    private volatile Limits limits = CAUTIOUS;
    private volatile boolean known;

    private static final class Towards {
        private volatile GetGathering[] reads = {};
        private volatile @Nullable WriteGathering writes;
    }

    /** What the cluster allows. */
    void allowed(Limits published) {
        if (published.getMaxBatchKeys() > 0 && published.getMaxBatchWrites() > 0) {
            limits = published;
            known = true;
            // New ones keep to it; what is under way in the old ones ends there.
            byServer.clear();
        }
    }

    /** Whether the cluster has said what it allows. */
    boolean areKnown() {
        return known;
    }

    Limits limits() {
        return limits;
    }

    /** Servers that have left. */
    void retain(Predicate<Server> known) {
        byServer.keySet().removeIf(server -> !known.test(server));
    }

    private Towards towards(Server server) {
        Towards known = byServer.get(server);
        return known != null ? known : byServer.computeIfAbsent(server, key -> new Towards());
    }

    /** Where such a read joins others; null: it travels alone. */
    @Nullable GetGathering reads(Parts parts, Server server, GetGathering.Kind wanted) {
        Towards towards = towards(server);
        for (GetGathering kind : towards.reads) {
            if (kind.takes(wanted)) {
                return kind;
            }
        }
        return added(parts, towards, server, wanted);
    }

    private @Nullable GetGathering added(Parts parts, Towards towards, Server server, GetGathering.Kind wanted) {
        synchronized (towards) {
            GetGathering[] kinds = towards.reads;
            int place = kinds.length;
            for (int i = 0; i < kinds.length; i++) {
                if (kinds[i].takes(wanted)) {
                    return kinds[i];
                }
                if (kinds[i].isIdle()) {
                    place = i;
                }
            }
            if (place == KINDS_MAX) {
                return null;
            }
            GetGathering made = new GetGathering(parts, server, wanted, limits);
            boolean more = kinds.length < KINDS_MAX;
            GetGathering[] changed = Arrays.copyOf(kinds, more ? kinds.length + 1 : kinds.length);
            changed[more ? kinds.length : place] = made;
            towards.reads = changed;
            return made;
        }
    }

    /** Where writes to a server join others. */
    WriteGathering writes(Parts parts, Server server) {
        Towards towards = towards(server);
        WriteGathering known = towards.writes;
        if (known != null) {
            return known;
        }
        synchronized (towards) {
            WriteGathering made = towards.writes;
            if (made == null) {
                made = new WriteGathering(parts, server, limits);
                towards.writes = made;
            }
            return made;
        }
    }
}
