// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import io.tidemark.testkit.LocalServer.Ports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The servers that a cluster has, none of them running.
 *
 * @param nodes n1, n2 and so on
 * @param replicas r1, r2 and so on
 */
record Layout(List<LocalServer> nodes, List<LocalServer> replicas) {

    Layout {
        nodes = List.copyOf(nodes);
        replicas = List.copyOf(replicas);
    }

    /** With data below the directory and ports that are free now. */
    static Layout of(ClusterOptions options, Path directory) {
        Map<String, Ports> ports = new TreeMap<>();
        for (int i = 1; i <= options.nodes(); i++) {
            ports.put("n" + i, Ports.free());
        }
        String clusterNodes = ports.entrySet().stream()
                .map(entry -> entry.getKey() + "@127.0.0.1:" + entry.getValue().client() + "/"
                        + entry.getValue().internal() + "/" + entry.getValue().raft())
                .collect(Collectors.joining(","));
        List<LocalServer> nodes = new ArrayList<>();
        ports.forEach((id, own) -> nodes.add(LocalServer.node(
                id,
                own,
                directory.resolve(id),
                with(
                        server(id, own, directory, clusterNodes),
                        List.of(
                                "--cluster.name=test",
                                "--raft.port=" + own.raft(),
                                "--store.auto-create-tables=true",
                                // Tests do not wait for half a minute until a replica that they stopped counts as lost.
                                "--replica.loss-timeout=3s"),
                        options.nodeFlags()))));
        List<LocalServer> replicas = new ArrayList<>();
        for (int i = 1; i <= options.replicas(); i++) {
            String id = "r" + i;
            Ports own = Ports.free();
            replicas.add(LocalServer.replica(
                    id,
                    own,
                    directory.resolve(id),
                    with(server(id, own, directory, clusterNodes), options.replicaFlags())));
        }
        return new Layout(nodes, replicas);
    }

    /** The nodes before the replicas. */
    List<LocalServer> servers() {
        return with(nodes, replicas);
    }

    private static List<String> server(String id, Ports own, Path directory, String clusterNodes) {
        return List.of(
                "--id=" + id,
                "--data-dir=" + directory.resolve(id),
                "--host=127.0.0.1",
                "--client.port=" + own.client(),
                "--internal.port=" + own.internal(),
                "--http.port=0",
                "--stop.grace=1s",
                "--cluster.nodes=" + clusterNodes);
    }

    @SafeVarargs
    private static <T> List<T> with(List<T>... parts) {
        List<T> all = new ArrayList<>();
        for (List<T> part : parts) {
            all.addAll(part);
        }
        return all;
    }
}
