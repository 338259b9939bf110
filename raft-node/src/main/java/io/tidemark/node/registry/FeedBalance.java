// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.NodeMembership;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends replicas that this node feeds to others who should rather do it: a follower where this one leads, one of their zone, or one that
 * feeds far fewer. Replicas choose so by themselves when they look for an upstream; but who leads changes, and nodes come back and
 * find that all are fed by others. A few at a time: each looks at what it knows of the others, which may be a second old.
 *
 * <p>Guarded by its monitor.
 */
public final class FeedBalance implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FeedBalance.class);

    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration HEARD_MAX = Duration.ofSeconds(3);
    /** At most this part of them goes at a time. */
    private static final int PART = 8;

    /** Between equals, one feeds far fewer if it is by so many, and by a quarter. */
    private static final int DIFFERENCE_MIN = 2;

    private static final double RATIO_MIN = 1.25;

    /** Has a replica look for another upstream. */
    @FunctionalInterface
    public interface Mover {
        void move(String replicaId, List<String> upstreams);
    }

    private final String nodeId;
    private final Supplier<Topology> topology;
    private final Mover mover;
    private final Timers timers;
    private final DoubleSupplier chance;
    private Timers.@Nullable Pending next;
    private boolean closed;

    /** @param chance from 0 to 1, so that nodes do not look all at once */
    public FeedBalance(String nodeId, Supplier<Topology> topology, Mover mover, Timers timers, DoubleSupplier chance) {
        this.nodeId = nodeId;
        this.topology = topology;
        this.mover = mover;
        this.timers = timers;
        this.chance = chance;
    }

    /** Looks from now on, at intervals. */
    public synchronized void start() {
        if (!closed) {
            next = timers.after(
                    Duration.ofMillis((long) (INTERVAL.toMillis() * (0.5 + chance.getAsDouble()))), this::look);
        }
    }

    private void look() {
        Topology now = topology.get();
        Map<String, Integer> fed = new HashMap<>();
        List<Replica> own = new ArrayList<>();
        for (Replica replica : now.getReplicasList()) {
            fed.merge(replica.getUpstreamId(), 1, Integer::sum);
            if (replica.getUpstreamId().equals(nodeId)) {
                own.add(replica);
            }
        }
        now.getNodesList().stream()
                .filter(node -> node.getNodeId().equals(nodeId))
                .findFirst()
                .ifPresent(self -> move(self, able(now), own, fed));
        start();
    }

    /** All others that could feed. */
    private List<Node> able(Topology now) {
        return now.getNodesList().stream()
                .filter(node -> !node.getNodeId().equals(nodeId)
                        && !node.getInternalAddress().isEmpty()
                        && node.getMembership() == NodeMembership.NODE_MEMBERSHIP_VOTER
                        && (node.getRole() == ServerRole.SERVER_ROLE_FOLLOWER
                                || node.getRole() == ServerRole.SERVER_ROLE_LEADER)
                        && node.hasLastHeard()
                        && ProtoTimes.duration(node.getLastHeard()).compareTo(HEARD_MAX) < 0)
                .toList();
    }

    private void move(Node self, List<Node> others, List<Replica> own, Map<String, Integer> fed) {
        int movesMax = Math.max(1, own.size() / PART);
        int from = own.isEmpty() ? 0 : (int) (chance.getAsDouble() * own.size());
        Collections.rotate(own, from);
        int moved = 0;
        for (Replica replica : own) {
            Optional<Node> better = better(self, others, replica, fed);
            if (better.isPresent() && moved < movesMax) {
                Node to = better.get();
                LOG.info(
                        "sends replica={} to upstream={}, which feeds {}; this node feeds {}",
                        replica.getReplicaId(),
                        to.getNodeId(),
                        fed.getOrDefault(to.getNodeId(), 0),
                        fed.getOrDefault(nodeId, 0));
                fed.merge(nodeId, -1, Integer::sum);
                fed.merge(to.getNodeId(), 1, Integer::sum);
                mover.move(replica.getReplicaId(), List.of(to.getInternalAddress()));
                moved++;
            }
        }
    }

    private static Optional<Node> better(Node self, List<Node> others, Replica replica, Map<String, Integer> fed) {
        int here = fed.getOrDefault(self.getNodeId(), 0);
        return others.stream()
                .filter(node -> rank(node, replica) < rank(self, replica)
                        || (rank(node, replica) == rank(self, replica)
                                && isFarFewer(fed.getOrDefault(node.getNodeId(), 0), here)))
                .min(Comparator.<Node>comparingInt(node -> rank(node, replica))
                        .thenComparingInt(node -> fed.getOrDefault(node.getNodeId(), 0)));
    }

    private static boolean isFarFewer(int there, int here) {
        return here - there >= DIFFERENCE_MIN && here >= there * RATIO_MIN;
    }

    /** As replicas choose: followers before the leader, and then those of their zone. */
    private static int rank(Node node, Replica replica) {
        return (node.getRole() == ServerRole.SERVER_ROLE_LEADER ? 2 : 0)
                + (node.getZone().equals(replica.getZone()) ? 0 : 1);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (next != null) {
            next.cancel();
        }
    }
}
