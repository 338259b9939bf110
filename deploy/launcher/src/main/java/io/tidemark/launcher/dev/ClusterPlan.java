// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import io.tidemark.launcher.dev.ServerPlan.Ports;
import io.tidemark.server.config.ValueType;
import io.tidemark.server.process.FirstNode;
import io.tidemark.server.process.LoopbackPorts;
import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/**
 * The servers of a cluster. Node i has the ports from 7400 + 10 (i - 1), replica j those from 7500 + 10 (j - 1): client, internal, raft,
 * http, in this order; the sidecar speaks REST at 8080. For one that is taken they get another that is free.
 *
 * <p>Nodes know each other by their ports for as long as they live, so those are chosen once, when the cluster is new, and stand in the
 * file {@code nodes} of its directory.
 */
record ClusterPlan(List<ServerPlan> servers) {

    static final int NODES_MAX = 9;
    static final int REPLICAS_MAX = 20;

    private static final String FILE = "nodes";
    private static final int FIRST_NODE_PORT = 7400;
    private static final int FIRST_REPLICA_PORT = 7500;
    private static final int PORTS_PER_SERVER = 10;
    private static final int INTERNAL = 1;
    private static final int RAFT = 2;
    private static final int HTTP = 3;
    private static final int SIDECAR_HTTP_PORT = 7703;
    private static final int SIDECAR_REST_PORT = 8080;

    ClusterPlan {
        servers = List.copyOf(servers);
    }

    /**
     * That of the directory, or a new one.
     *
     * @param sidecar whether there is to be one
     */
    static ClusterPlan in(Path directory, int nodes, int replicas, boolean sidecar) throws IOException {
        return in(directory, nodes, replicas, sidecar, LoopbackPorts::isFree);
    }

    /** @param isFree whether nobody listens at that port */
    static ClusterPlan in(Path directory, int nodes, int replicas, boolean sidecar, IntPredicate isFree)
            throws IOException {
        List<FirstNode> members = members(directory, nodes, isFree);
        String clusterNodes = members.stream().map(ClusterPlan::toText).collect(Collectors.joining(","));
        List<ServerPlan> servers = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            FirstNode member = members.get(i);
            Ports ports = new Ports(
                    member.clientPort(),
                    member.internalPort(),
                    member.raftPort(),
                    choose(FIRST_NODE_PORT + i * PORTS_PER_SERVER + HTTP, isFree));
            servers.add(new ServerPlan(
                    ServerPlan.NODE,
                    member.id(),
                    ports,
                    List.of(
                            "--cluster.name=dev",
                            "--cluster.nodes=" + clusterNodes,
                            "--store.auto-create-tables=true")));
        }
        for (int i = 0; i < replicas; i++) {
            int first = FIRST_REPLICA_PORT + i * PORTS_PER_SERVER;
            Ports ports =
                    new Ports(choose(first, isFree), choose(first + INTERNAL, isFree), 0, choose(first + HTTP, isFree));
            servers.add(new ServerPlan(
                    ServerPlan.REPLICA, "r" + (i + 1), ports, List.of("--cluster.nodes=" + clusterNodes)));
        }
        if (sidecar) {
            String endpoints = servers.stream().map(ServerPlan::clientAddress).collect(Collectors.joining(","));
            Ports ports = new Ports(0, 0, 0, choose(SIDECAR_HTTP_PORT, isFree), choose(SIDECAR_REST_PORT, isFree));
            servers.add(new ServerPlan(ServerPlan.SIDECAR, "s1", ports, List.of("--cluster.endpoints=" + endpoints)));
        }
        return new ClusterPlan(servers);
    }

    /** Those that speak to each other. */
    List<ServerPlan> members() {
        return servers.stream().filter(server -> !server.isSidecar()).toList();
    }

    List<ServerPlan> nodes() {
        return servers.stream().filter(ServerPlan::isNode).toList();
    }

    private static List<FirstNode> members(Path directory, int count, IntPredicate isFree) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            List<FirstNode> chosen = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int first = FIRST_NODE_PORT + i * PORTS_PER_SERVER;
                chosen.add(new FirstNode(
                        "n" + (i + 1),
                        ServerPlan.KNOWN_AS,
                        choose(first, isFree),
                        choose(first + INTERNAL, isFree),
                        choose(first + RAFT, isFree)));
            }
            Path draft = directory.resolve(FILE + ".draft");
            Files.writeString(draft, chosen.stream().map(ClusterPlan::toText).collect(Collectors.joining(",")) + "\n");
            Files.move(draft, file);
            return chosen;
        }
        List<FirstNode> known = parse(file);
        if (known.size() != count) {
            throw new StartException("directory " + directory + " has a cluster of " + known.size()
                    + " nodes (expected: --nodes=" + known.size() + ", or another --data-dir)");
        }
        for (FirstNode node : known) {
            for (int port : new int[] {node.clientPort(), node.internalPort(), node.raftPort()}) {
                if (!isFree.test(port)) {
                    throw new StartException("port " + port + " is taken, and " + node.id() + " in " + directory
                            + " is known by it for ever (expected: that whoever listens there is stopped, or another"
                            + " --data-dir)");
                }
            }
        }
        return known;
    }

    private static List<FirstNode> parse(Path file) throws IOException {
        try {
            List<FirstNode> known = ValueType.list(FirstNode.type())
                    .parser()
                    .apply(Files.readString(file).strip());
            if (known.stream().allMatch(node -> node.host().equals(ServerPlan.KNOWN_AS))) {
                return known;
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        throw new StartException(
                file + " is not as this version of `tidemark dev` writes it (expected: another --data-dir)");
    }

    private static int choose(int usual, IntPredicate isFree) {
        return isFree.test(usual) ? usual : LoopbackPorts.next();
    }

    private static String toText(FirstNode node) {
        return node.id() + "@" + node.host() + ":" + node.clientPort() + "/" + node.internalPort() + "/"
                + node.raftPort();
    }
}
