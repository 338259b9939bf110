// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import io.tidemark.client.Consistency;
import io.tidemark.client.Table;
import io.tidemark.server.process.ServerProcess;
import io.tidemark.testkit.LocalCluster;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Two nodes and a replica, which have been written to and read from, and the HTTP ports of all. */
final class ClusterWithMetrics implements AutoCloseable {

    private final LocalCluster cluster;
    private final Map<String, Integer> httpPorts = new TreeMap<>();

    private ClusterWithMetrics(LocalCluster cluster) {
        this.cluster = cluster;
    }

    /** @param directory where it keeps its data */
    static ClusterWithMetrics start(Path directory) throws IOException {
        LocalCluster cluster = LocalCluster.builder()
                .nodes(2)
                .replicas(1)
                .temporaryFilesIn(directory)
                .start();
        ClusterWithMetrics started = new ClusterWithMetrics(cluster);
        Table<String> table = cluster.client().table("users");
        table.put("ann", "Ann");
        cluster.awaitApplied();
        table.get("ann", Consistency.linearizable());
        started.findPorts(directory);
        return started;
    }

    /** By the ids of the servers. */
    Map<String, Integer> httpPorts() {
        return httpPorts;
    }

    @Override
    public void close() {
        cluster.close();
    }

    /** In the directory that the cluster made there, each server has one of its own. */
    private void findPorts(Path directory) throws IOException {
        for (String id : List.of("n1", "n2", "r1")) {
            try (Stream<Path> made = Files.list(directory)) {
                Path file = made.map(parent -> parent.resolve(id).resolve(ServerProcess.PORTS_FILE))
                        .filter(Files::exists)
                        .findFirst()
                        .orElseThrow();
                Properties ports = new Properties();
                try (Reader reader = Files.newBufferedReader(file)) {
                    ports.load(reader);
                }
                httpPorts.put(id, Integer.valueOf(ports.getProperty("http")));
            }
        }
    }
}
