// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.service.Topologies;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The topology as the feed told it. One thread tells; any asks. */
public final class KnownTopology implements Topologies {

    private final String zone;
    private final List<String> seeds;
    private final List<Consumer<Topology>> listeners = new CopyOnWriteArrayList<>();
    private volatile Topology current = Topology.getDefaultInstance();

    /**
     * Knows nobody yet.
     *
     * @param seeds internal addresses of nodes, while no others are known
     */
    public KnownTopology(String zone, List<String> seeds) {
        this.zone = zone;
        this.seeds = List.copyOf(seeds);
    }

    /** It is this now. */
    public void become(Topology topology) {
        current = topology;
        listeners.forEach(listener -> listener.accept(topology));
    }

    @Override
    public Topology current() {
        return current;
    }

    @Override
    public Registration listen(Consumer<Topology> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Whom to pass writes on to, best first: the leader, and then whoever may know a newer one. */
    List<String> nodesForWrites() {
        return nodes(true);
    }

    /** Whom to pass reads on to, best first: those near, so that the leader is spared. */
    List<String> nodesForReads() {
        return nodes(false);
    }

    private List<String> nodes(boolean leaderFirst) {
        List<String> first = new ArrayList<>();
        List<String> rest = new ArrayList<>();
        for (Node node : current.getNodesList()) {
            boolean leads = node.getRole() == ServerRole.SERVER_ROLE_LEADER;
            boolean isFirst = leaderFirst ? leads : !leads && node.getZone().equals(zone);
            if (!node.getInternalAddress().isEmpty() && node.getRole() != ServerRole.SERVER_ROLE_JOINING) {
                (isFirst ? first : rest).add(node.getInternalAddress());
            }
        }
        first.addAll(rest);
        return first.isEmpty() ? seeds : first;
    }
}
