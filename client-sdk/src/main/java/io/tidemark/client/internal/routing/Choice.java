// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.routing;

import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a server: of the first tier in which any is well, the better of two random ones. One that answers far slower than the
 * others of its tier gets a single call now and then, to see whether that has changed. When none is well, one is asked all the same:
 * whom we find failing may only be hard to reach, and nothing is gained by asking nobody.
 */
public final class Choice {

    /** So many times the fastest of its tier, and by more than the least that matters, makes an outlier. */
    private static final double OUTLIER_TIMES = 5;

    private static final double OUTLIER_NANOS_MIN = 5_000_000;
    private static final long OUTLIER_RETRY_NANOS = 1_000_000_000;

    private final Supplier<? extends RandomGenerator> chance;

    /**
     * Chooses by chance where nothing else decides.
     *
     * @param chance gives the calling thread its random source
     */
    public Choice(Supplier<? extends RandomGenerator> chance) {
        this.chance = chance;
    }

    /**
     * Whom to ask; null: nobody is known.
     *
     * @param floor the index that should have been applied: those who are not known to have are asked as well, but less if the last such
     *     reads there had to wait. What a server told last says little, as nobody tells of it while others are asked
     * @param tried who was asked already, and is asked again only if nobody else is known
     */
    public @Nullable Server choose(Preference preference, long floor, Collection<Server> tried, long nowNanos) {
        List<List<Server>> tiers = preference.tiers();
        for (int i = 0; i < tiers.size(); i++) {
            Server chosen = ofTier(tiers.get(i), floor, tried, nowNanos);
            if (chosen != null) {
                return chosen;
            }
        }
        Server chosen = first(tiers, server -> server.isConnected() && !tried.contains(server));
        if (chosen == null) {
            chosen = first(tiers, server -> !tried.contains(server));
        }
        if (chosen == null) {
            chosen = first(tiers, Server::isConnected);
        }
        return chosen != null ? chosen : first(tiers, server -> true);
    }

    private @Nullable Server ofTier(List<Server> tier, long floor, Collection<Server> tried, long nowNanos) {
        double fastest = Double.MAX_VALUE;
        int well = 0;
        for (int i = 0; i < tier.size(); i++) {
            Server server = tier.get(i);
            if (!server.isConnected()) {
                server.connect();
            } else if (server.isWell(nowNanos) && !tried.contains(server)) {
                fastest = Math.min(fastest, server.latency());
                well++;
            }
        }
        if (well == 0) {
            return null;
        }
        double outlier = Math.max(OUTLIER_NANOS_MIN, OUTLIER_TIMES * fastest);
        return betterOfTwo(tier, floor, outlier, tried, nowNanos);
    }

    /** Two of those that qualify, each pair as likely as any other, in one pass. */
    private @Nullable Server betterOfTwo(
            List<Server> tier, long floor, double outlier, Collection<Server> tried, long nowNanos) {
        RandomGenerator random = chance.get();
        Server one = null;
        Server two = null;
        Server slow = null;
        int seen = 0;
        for (int i = 0; i < tier.size(); i++) {
            Server server = tier.get(i);
            if (!server.isWell(nowNanos) || tried.contains(server)) {
                continue;
            }
            if (server.latency() > outlier) {
                if (server.outstanding() == 0 && server.unsampledFor(nowNanos) > OUTLIER_RETRY_NANOS) {
                    return server;
                }
                slow = server;
                continue;
            }
            seen++;
            if (one == null) {
                one = server;
            } else if (two == null) {
                two = server;
            } else {
                int place = random.nextInt(seen);
                if (place == 0) {
                    one = server;
                } else if (place == 1) {
                    two = server;
                }
            }
        }
        if (one == null || two == null) {
            return one != null ? one : slow;
        }
        double difference = one.cost(floor, nowNanos) - two.cost(floor, nowNanos);
        if (difference == 0) {
            return random.nextBoolean() ? one : two;
        }
        return difference < 0 ? one : two;
    }

    private interface Condition {
        boolean holds(Server server);
    }

    /** One at random of the first tier that has any. */
    private @Nullable Server first(List<List<Server>> tiers, Condition condition) {
        for (List<Server> tier : tiers) {
            Server chosen = null;
            int seen = 0;
            for (Server server : tier) {
                if (condition.holds(server) && chance.get().nextInt(++seen) == 0) {
                    chosen = server;
                }
            }
            if (chosen != null) {
                return chosen;
            }
        }
        return null;
    }
}
