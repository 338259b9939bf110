// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.Topology;
import io.tidemark.store.Shards;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * The servers of a cluster, from its start to its end. Thread-safe: one caller at a time.
 */
final class ServerGroup implements AutoCloseable {

    private static final int ATTEMPTS_MAX = 3;

    private final ClusterOptions options;
    private final TemporaryDirectory directory;
    private final Layout layout;
    private final Inquiry inquiry;

    private ServerGroup(ClusterOptions options, TemporaryDirectory directory) {
        this.options = options;
        this.directory = directory;
        this.layout = Layout.of(options, directory.path());
        this.inquiry = new Inquiry(options.startTimeout());
    }

    /** Starts them all and waits until clients find all that they will find. */
    static ServerGroup start(ClusterOptions options) {
        for (int attempt = 1; ; attempt++) {
            ServerGroup group = new ServerGroup(options, TemporaryDirectory.in(options.parent()));
            try {
                group.startAll();
                return group;
            } catch (RuntimeException | Error e) {
                group.close();
                // Between choosing a port and opening it another process may have taken it.
                boolean lostPort = !group.layout.servers().stream()
                        .allMatch(server -> server.ports().areFree());
                if (attempt == ATTEMPTS_MAX || !lostPort) {
                    throw e;
                }
            }
        }
    }

    List<String> nodes() {
        return layout.nodes().stream().map(LocalServer::id).toList();
    }

    List<String> replicas() {
        return layout.replicas().stream().map(LocalServer::id).toList();
    }

    List<String> endpoints() {
        return layout.servers().stream().map(LocalServer::endpoint).toList();
    }

    String endpoint(String id) {
        return server(id).endpoint();
    }

    synchronized boolean isRunning(String id) {
        return server(id).isRunning();
    }

    /** Starts these and waits until they are ready. */
    synchronized void start(List<String> ids) {
        start(ids.stream().map(this::server).toList(), List.of());
    }

    /** Starts all that do not run, and waits until replicas serve what is placed on them. */
    synchronized void startAll() {
        List<LocalServer> stopped =
                layout.servers().stream().filter(server -> !server.isRunning()).toList();
        if (!stopped.isEmpty()) {
            start(stopped, layout.replicas());
        }
    }

    private void start(List<LocalServer> servers, List<LocalServer> placed) {
        servers.forEach(LocalServer::start);
        for (LocalServer server : servers) {
            Waiting.until(options.startTimeout(), () -> notReady(server), server::isReady);
        }
        if (!placed.isEmpty()) {
            await("replicas serve what is placed on them", this::servesAllThatIsPlaced);
        }
    }

    private String notReady(LocalServer server) {
        try {
            return server.id() + " is ready; " + inquiry.notReady(server);
        } catch (StatusRuntimeException e) {
            return server.id() + " is ready; it does not answer: " + e.getStatus();
        }
    }

    private boolean servesAllThatIsPlaced() {
        Topology topology = inquiry.topology(layout.nodes().get(0));
        return topology.getReplicasCount() == layout.replicas().size()
                && topology.getReplicasList().stream()
                        .allMatch(replica -> servesAllThatIsPlaced(replica, topology.getShardCount()));
    }

    private static boolean servesAllThatIsPlaced(Replica replica, int shardCount) {
        Shards placed = Shards.of(replica.getPlaced(), shardCount);
        Shards serving = Shards.of(replica.getServing(), shardCount);
        return !serving.isEmpty() && serving.containsAll(placed);
    }

    synchronized void stop(List<String> ids) {
        for (String id : ids) {
            LocalServer server = server(id);
            server.stop();
            inquiry.forget(server);
        }
    }

    /** The node that leads, of those that run. */
    synchronized String leader() {
        String[] found = {""};
        await("a node leads", () -> {
            found[0] = running(layout.nodes()).stream()
                    .filter(node -> inquiry.leader(node).equals(node.id()))
                    .map(LocalServer::id)
                    .findFirst()
                    .orElse("");
            return !found[0].isEmpty();
        });
        return found[0];
    }

    /** Waits until every running server has applied all that was acknowledged to anybody before. */
    synchronized void awaitApplied() {
        List<LocalServer> running = running(layout.servers());
        // The leader is among them, or nothing is acknowledged; and it has applied what it acknowledged.
        long index = running.stream().mapToLong(inquiry::appliedIndex).max().orElse(0);
        for (LocalServer server : running) {
            await(server.id() + " has applied index " + index, () -> inquiry.appliedIndex(server) >= index);
        }
    }

    /** Removes every row; no running server shows one when this returns. */
    synchronized void clearTables() {
        List<LocalServer> nodes = running(layout.nodes());
        if (nodes.isEmpty()) {
            throw new IllegalStateException("no node runs (expected: one that can write; start them before)");
        }
        try {
            inquiry.clearTables(nodes.get(0));
        } catch (StatusRuntimeException e) {
            throw new ClusterException("the tables cannot be emptied: " + e.getStatus(), e);
        }
        awaitApplied();
    }

    private static List<LocalServer> running(List<LocalServer> servers) {
        return servers.stream().filter(LocalServer::isRunning).toList();
    }

    private void await(String what, BooleanSupplier holds) {
        Waiting.until(options.startTimeout(), () -> what, () -> {
            try {
                return holds.getAsBoolean();
            } catch (StatusRuntimeException notNow) {
                return false;
            }
        });
    }

    private LocalServer server(String id) {
        return layout.servers().stream()
                .filter(server -> server.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("server: '" + id + "' (expected: one of "
                        + layout.servers().stream().map(LocalServer::id).collect(Collectors.joining(", ")) + ")"));
    }

    /** Ends all of them, the replicas first, and removes what they have written. */
    @Override
    public synchronized void close() {
        inquiry.close();
        List<LocalServer> replicasFirst = new ArrayList<>(layout.servers());
        Collections.reverse(replicasFirst);
        replicasFirst.forEach(LocalServer::close);
        directory.close();
    }
}
