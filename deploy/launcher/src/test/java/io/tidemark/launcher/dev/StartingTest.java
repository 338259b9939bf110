// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.server.process.StartException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StartingTest {

    private final List<String> told = new ArrayList<>();

    private final ClusterListener listener = new ClusterListener() {
        @Override
        public void changed() {}

        @Override
        public void tell(String line) {
            told.add(line);
        }
    };

    @Test
    void shouldTellOfEachServerWhenItIsReady() throws Exception {
        Map<String, Integer> asked = new HashMap<>();
        Map<String, Integer> readyAtCheck = Map.of("n1", 3, "n2", 2, "r1", 1);

        Starting.await(
                List.of(server("n1"), server("n2"), server("r1")),
                server -> asked.merge(server.id(), 1, Integer::sum).equals(readyAtCheck.get(server.id())),
                Duration.ofMinutes(1),
                server -> "",
                listener);

        assertThat(told).containsExactly("r1 is ready (1 of 3)", "n2 is ready (2 of 3)", "n1 is ready (3 of 3)");
    }

    @Test
    void shouldSayWhereToLookWhenOneTakesTooLong() {
        assertThatThrownBy(() -> Starting.await(
                        List.of(server("n1"), server("r1")),
                        server -> server.id().equals("n1"),
                        Duration.ZERO,
                        server -> "see " + server.id() + ".log",
                        listener))
                .isInstanceOf(StartException.class)
                .hasMessage("r1 is not ready after 0 s: see r1.log");
        assertThat(told).containsExactly("n1 is ready (1 of 2)");
    }

    @Test
    void shouldAnnounceWhatIsStartedAndWhereItLogs() {
        Path usual = Path.of("tidemark-dev").toAbsolutePath();

        assertThat(Supervisor.announcement(new DevOptions(3, 3, usual, false, false, true)))
                .isEqualTo("starting 3 nodes, 3 replicas and a sidecar; logs: tidemark-dev/*.log");
        assertThat(Supervisor.announcement(new DevOptions(1, 0, Path.of("/tmp/try"), false, true, true)))
                .isEqualTo("starting 1 node and a sidecar in one process; logs: /tmp/try/servers.log");
        assertThat(Supervisor.announcement(new DevOptions(1, 0, usual, false, false, false)))
                .startsWith("starting 1 node; ");
    }

    private static ServerPlan server(String id) {
        return new ServerPlan(ServerPlan.NODE, id, new ServerPlan.Ports(0, 0, 0, 0), List.of());
    }
}
