// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.launcher.dev.ServerPlan.Ports;
import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterPlanTest {

    @TempDir
    private Path directory = Path.of("replaced by JUnit");

    @Test
    void shouldTakeTheUsualPorts() throws IOException {
        ClusterPlan plan = ClusterPlan.in(directory, 3, 2, false, port -> true);

        assertThat(plan.servers()).extracting(ServerPlan::id).containsExactly("n1", "n2", "n3", "r1", "r2");
        assertThat(plan.servers())
                .extracting(ServerPlan::ports)
                .containsExactly(
                        new Ports(7400, 7401, 7402, 7403),
                        new Ports(7410, 7411, 7412, 7413),
                        new Ports(7420, 7421, 7422, 7423),
                        new Ports(7500, 7501, 0, 7503),
                        new Ports(7510, 7511, 0, 7513));
        assertThat(plan.nodes().get(1).flags(directory))
                .contains(
                        "--id=n2",
                        "--client.port=7410",
                        "--raft.port=7412",
                        "--cluster.nodes=n1@localhost:7400/7401/7402,n2@localhost:7410/7411/7412,n3@localhost:7420/7421/7422");
        assertThat(plan.servers().get(3).flags(directory)).noneMatch(flag -> flag.startsWith("--raft.port"));
    }

    @Test
    void shouldTakeOthersForThoseThatAreTaken() throws IOException {
        Set<Integer> taken = Set.of(7400, 7412, 7503);

        ClusterPlan plan = ClusterPlan.in(directory, 2, 1, false, port -> !taken.contains(port));

        Set<Integer> chosen = plan.servers().stream()
                .flatMap(server ->
                        Set.of(
                                server.ports().client(),
                                server.ports().internal(),
                                server.ports().http())
                                .stream())
                .collect(Collectors.toSet());
        assertThat(chosen).hasSize(9).doesNotContainAnyElementsOf(taken).contains(7401, 7403, 7410, 7500);
        assertThat(plan.nodes().get(1).ports().raft()).isNotEqualTo(7412).isPositive();
    }

    @Test
    void shouldHaveASidecarThatIsAClient() throws IOException {
        ClusterPlan plan = ClusterPlan.in(directory, 1, 1, true, port -> true);

        ServerPlan sidecar = plan.servers().get(2);
        assertThat(sidecar.flags(directory))
                .containsExactly(
                        "--host=127.0.0.1",
                        "--rest.port=8080",
                        "--http.port=7703",
                        "--cluster.endpoints=127.0.0.1:7400,127.0.0.1:7500");
        assertThat(plan.members()).doesNotContain(sidecar).hasSize(2);
    }

    @Test
    void shouldKeepThePortsOfNodes() throws IOException {
        ClusterPlan first = ClusterPlan.in(directory, 2, 0, false, port -> port != 7401);

        ClusterPlan second = ClusterPlan.in(directory, 2, 0, false, port -> true);

        assertThat(second.nodes().get(0).ports().internal())
                .isEqualTo(first.nodes().get(0).ports().internal())
                .isNotEqualTo(7401);
    }

    @Test
    void shouldRefuseAnotherNumberOfNodes() throws IOException {
        ClusterPlan unused = ClusterPlan.in(directory, 3, 0, false, port -> true);

        assertThatThrownBy(() -> ClusterPlan.in(directory, 1, 0, false, port -> true))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("has a cluster of 3 nodes (expected: --nodes=3, or another --data-dir)");
    }

    @Test
    void shouldRefuseToRunANodeWhoseKnownPortIsTaken() throws IOException {
        ClusterPlan unused = ClusterPlan.in(directory, 3, 0, false, port -> true);

        assertThatThrownBy(() -> ClusterPlan.in(directory, 3, 0, false, port -> port != 7411))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("port 7411 is taken")
                .hasMessageContaining("n2");
    }

    @Test
    void shouldRefuseADirectoryThatItCannotKnow() throws IOException {
        Files.writeString(directory.resolve("nodes"), "n1@127.0.0.1:7400/7401/7402\n");

        assertThatThrownBy(() -> ClusterPlan.in(directory, 1, 0, false, port -> true))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("another --data-dir");
    }
}
