// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import io.tidemark.client.Consistency;
import io.tidemark.client.Table;
import io.tidemark.rest.server.Sidecar;
import io.tidemark.server.process.LoopbackPorts;
import io.tidemark.server.process.ServerProcess;
import io.tidemark.testkit.LocalCluster;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Two nodes, a replica and a sidecar, which have been written to and read from, and the HTTP ports of all. */
final class ClusterWithMetrics implements AutoCloseable {

    private final LocalCluster cluster;
    private final Sidecar sidecar;
    private final Map<String, Integer> httpPorts = new TreeMap<>();

    private ClusterWithMetrics(LocalCluster cluster) {
        this.cluster = cluster;
        int restPort = LoopbackPorts.next();
        int httpPort = LoopbackPorts.next();
        this.sidecar = Sidecar.start(SidecarOptions.read(
                        Optional.empty(),
                        Map.of(),
                        List.of(
                                "--cluster.endpoints=" + String.join(",", cluster.endpoints()),
                                "--rest.port=" + restPort,
                                "--http.port=" + httpPort))
                .config());
        httpPorts.put("s1", httpPort);
        readThrough(restPort);
    }

    private static void readThrough(int restPort) {
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create("http://127.0.0.1:" + restPort + "/v1/tables/users/rows/ann"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new AssertionError("the sidecar: " + answer.statusCode() + " " + answer.body());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** @param directory where it keeps its data */
    static ClusterWithMetrics start(Path directory) throws IOException {
        LocalCluster cluster = LocalCluster.builder()
                .nodes(2)
                .replicas(1)
                .temporaryFilesIn(directory)
                .start();
        Table<String> table = cluster.client().table("users");
        table.put("ann", "Ann");
        cluster.awaitApplied();
        table.get("ann", Consistency.linearizable());
        ClusterWithMetrics started = new ClusterWithMetrics(cluster);
        started.findPorts(directory);
        return started;
    }

    /** By the ids of the servers. */
    Map<String, Integer> httpPorts() {
        return httpPorts;
    }

    @Override
    public void close() {
        sidecar.close();
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
