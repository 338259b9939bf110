// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The ways between machines, each with its own chance: how long a message takes, whether it is lost, whether nothing comes through at
 * all. A connection that is cut holds what was sent until the cut is mended, or is found broken then.
 */
final class Links {

    /** What a machine can be reached for; a cut may concern one of them alone. */
    enum Port {
        CLIENT,
        INTERNAL,
        RAFT
    }

    private static final long NEAR_NANOS = 150_000;
    private static final long FAR_NANOS = 500_000;
    private static final long RETRANSMISSION_NANOS = 200_000_000;
    private static final double BYTES_PER_NANO = 1.25;

    private record Way(String from, String to, Port port) {}

    /** What is between two machines in one direction. */
    private static final class Link {
        private final Random chance;
        private final long base;
        private int cuts;
        private double slower = 1;
        private int lossPermille;

        Link(Random chance, long base) {
            this.chance = chance;
            this.base = base;
        }
    }

    private final World world;
    private final Map<String, String> zones = new HashMap<>();
    private final Map<Way, Link> links = new HashMap<>();
    private final Set<Connection<?, ?>> connections = new LinkedHashSet<>();
    private final Map<String, Long> messagesTo = new HashMap<>();
    private final int lossPermille;

    /** @param lossPermille of all messages; what is lost of a connection is sent again */
    Links(World world, int lossPermille) {
        this.world = world;
        this.lossPermille = lossPermille;
    }

    World world() {
        return world;
    }

    /** Where a machine stands. */
    void place(String machine, String zone) {
        zones.put(machine, zone);
    }

    private Link link(String from, String to, Port port) {
        return links.computeIfAbsent(
                new Way(from, to, port),
                way -> new Link(
                        world.chance(from + ">" + to + ":" + port),
                        zones.getOrDefault(from, "").equals(zones.getOrDefault(to, "")) ? NEAR_NANOS : FAR_NANOS));
    }

    boolean isCut(String from, String to, Port port) {
        return link(from, to, port).cuts > 0;
    }

    /** Nothing passes in that direction until as many {@link #mend}s. */
    void cut(String from, String to, Port port) {
        link(from, to, port).cuts++;
    }

    void mend(String from, String to, Port port) {
        link(from, to, port).cuts--;
        for (Connection<?, ?> connection : List.copyOf(connections)) {
            connection.mended();
        }
    }

    /** Everything takes so many times as long, and so many messages more are lost. */
    void disturb(String from, String to, Port port, double slower, int losses) {
        Link link = link(from, to, port);
        link.slower = slower;
        link.lossPermille = losses;
    }

    /** How long the next message takes; below zero: it is lost. */
    long nanos(String from, String to, Port port, long bytes) {
        Link link = link(from, to, port);
        if (link.chance.nextInt(1000) < lossPermille + link.lossPermille) {
            return -1;
        }
        long spread = (long) (-Math.log(1 - link.chance.nextDouble()) * link.base / 2);
        return (long) ((link.base + spread) * link.slower + bytes / BYTES_PER_NANO);
    }

    /** The same for a connection, on which what was lost is sent again. */
    long nanosSurely(String from, String to, Port port, long bytes) {
        long waited = 0;
        for (long again = RETRANSMISSION_NANOS; ; again *= 2) {
            long nanos = nanos(from, to, port, bytes);
            if (nanos >= 0) {
                return waited + nanos;
            }
            waited += again;
        }
    }

    boolean chance(String from, String to, Port port, int permille) {
        return link(from, to, port).chance.nextInt(1000) < permille;
    }

    /** A message on its own, which may not come. */
    void datagram(Machine from, Machine to, Port port, Machine.Lane lane, Runnable received) {
        long nanos = nanos(from.id(), to.id(), port, 0);
        if (nanos >= 0) {
            world.at(world.nanos() + nanos, () -> {
                if (!isCut(from.id(), to.id(), port)) {
                    count(to.id());
                    lane.run(received);
                }
            });
        }
    }

    void opened(Connection<?, ?> connection) {
        connections.add(connection);
    }

    void closed(Connection<?, ?> connection) {
        connections.remove(connection);
    }

    /** A machine's process is gone. */
    void died(Machine machine) {
        for (Connection<?, ?> connection : new ArrayList<>(connections)) {
            connection.died(machine);
        }
    }

    /** Something has come there. */
    void count(String machine) {
        messagesTo.merge(machine, 1L, Long::sum);
    }

    /** How many messages have come to a machine, of all kinds. */
    long messagesTo(String machine) {
        return messagesTo.getOrDefault(machine, 0L);
    }
}
