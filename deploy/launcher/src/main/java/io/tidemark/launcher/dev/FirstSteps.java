// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What to try on a cluster that is ready, to be copied as it stands. */
final class FirstSteps {

    private static final int FEWEST_TO_LOSE_ONE = 3;

    private FirstSteps() {}

    /**
     * One to a line.
     *
     * @param command by which the user calls tidemark
     * @param directory of the cluster
     */
    static List<String> of(ClusterFile.Content cluster, String command, Path directory) {
        ClusterFile.Server node = cluster.servers().get(0);
        List<ClusterFile.Server> members = cluster.servers().stream()
                .filter(server -> server.client() != null)
                .toList();
        ClusterFile.Server last = members.get(members.size() - 1);
        String where = directory.equals(Path.of("tidemark-dev").toAbsolutePath()) ? "" : " --data-dir=" + directory;
        boolean isFound = where.isEmpty();
        List<String> steps = new ArrayList<>();
        String endpoints = isFound ? "" : " --endpoints=" + node.client();
        steps.add(cluster.servers().stream()
                .filter(server -> server.rest() != null)
                .findFirst()
                .map(sidecar -> "curl -i -X PUT http://" + sidecar.rest() + "/v1/tables/users/rows/ann"
                        + " -H 'Content-Type: application/json' -d '{\"name\": \"Ann\"}'")
                .orElse(command + " put users ann '{\"name\": \"Ann\"}'" + endpoints));
        steps.add(command + " get users ann" + endpoints);
        steps.add(
                "grpcurl -plaintext -d '{\"table\": \"users\", \"key\": \"ann\", \"read_options\": {\"max_staleness\":"
                        + " \"0.25s\"}}' " + last.client() + " tidemark.v1.KeyValue/Get");
        steps.add("Java: TidemarkClient.connect(\"" + node.client() + "\").table(\"users\").get(\"ann\")");
        long nodes = cluster.servers().stream()
                .filter(server -> server.role().equals(ServerPlan.NODE))
                .count();
        boolean oneProcess = cluster.servers().stream()
                .allMatch(server -> server.pid() == cluster.supervisor().pid());
        if (!oneProcess) {
            steps.add(command + " dev kill " + (nodes >= FEWEST_TO_LOSE_ONE ? "leader" : last.id()) + where);
        }
        return steps;
    }
}
