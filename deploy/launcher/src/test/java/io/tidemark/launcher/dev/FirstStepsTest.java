// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FirstStepsTest {

    private static final Path USUAL = Path.of("tidemark-dev").toAbsolutePath();
    private static final long SUPERVISOR = 1;

    @Test
    void shouldShowEachWayIn() {
        List<String> steps = FirstSteps.of(cluster(3, true, false), "deploy/tidemark", USUAL);

        assertThat(steps).hasSize(5);
        assertThat(steps.get(0)).startsWith("curl -i -X PUT http://127.0.0.1:8080/v1/tables/users/rows/ann");
        assertThat(steps.get(1)).isEqualTo("deploy/tidemark get users ann");
        assertThat(steps.get(2)).contains(" 127.0.0.1:7500 tidemark.v1.KeyValue/Get");
        assertThat(steps.get(3)).contains("TidemarkClient.connect(\"127.0.0.1:7401\")");
        assertThat(steps.get(4)).isEqualTo("deploy/tidemark dev kill leader");
    }

    @Test
    void shouldNameAClusterThatCommandsDoNotFindByThemselves() {
        List<String> steps = FirstSteps.of(cluster(1, false, false), "tidemark", Path.of("/tmp/try"));

        assertThat(steps.get(0)).startsWith("tidemark put users ann ").endsWith(" --endpoints=127.0.0.1:7401");
        assertThat(steps.get(1)).isEqualTo("tidemark get users ann --endpoints=127.0.0.1:7401");
        // A cluster of one node does not survive the loss of its leader.
        assertThat(steps.get(4)).isEqualTo("tidemark dev kill r1 --data-dir=/tmp/try");
    }

    @Test
    void shouldKillNobodyWhereAllAreOneProcess() {
        assertThat(FirstSteps.of(cluster(3, false, true), "tidemark", USUAL))
                .noneMatch(step -> step.contains("dev kill"));
    }

    private static ClusterFile.Content cluster(int nodes, boolean sidecar, boolean oneProcess) {
        List<ClusterFile.Server> servers = new ArrayList<>();
        for (int i = 1; i <= nodes; i++) {
            servers.add(server(ServerPlan.NODE, "n" + i, "127.0.0.1:740" + i, null, oneProcess));
        }
        servers.add(server("replica", "r1", "127.0.0.1:7500", null, oneProcess));
        if (sidecar) {
            servers.add(server(ServerPlan.SIDECAR, "s1", null, "127.0.0.1:8080", oneProcess));
        }
        return new ClusterFile.Content(true, new ClusterFile.Proc(SUPERVISOR, null), "control", false, servers);
    }

    private static ClusterFile.Server server(
            String role, String id, @Nullable String client, @Nullable String rest, boolean oneProcess) {
        long pid = oneProcess ? SUPERVISOR : SUPERVISOR + 1;
        return new ClusterFile.Server(role, id, client, null, null, rest, "running", false, pid, null, id + ".log");
    }
}
