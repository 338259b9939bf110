// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.launcher.dev.Order.Verb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Orders where there is no supervisor any more. */
@Timeout(60)
class OrdersTest {

    @TempDir
    private Path parent = Path.of("replaced by JUnit");

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void shouldSayThatThereIsNoCluster() throws Exception {
        for (Verb verb : Verb.values()) {
            Order.Outcome outcome = new Orders(parent).give(new Order(verb, "n1"));

            assertThat(outcome.exitCode()).isEqualTo(1);
            assertThat(outcome.text()).contains("no cluster runs in " + parent);
        }
    }

    @Test
    void shouldEndServersWhoseSupervisorIsGoneAlsoThoseThatStandStill() throws Exception {
        Process running = sleep();
        Process paused = sleep();
        Signals.pause(paused.toHandle());
        write(false, server("n1", running), server("n2", paused));

        Order.Outcome status = new Orders(parent).give(new Order(Verb.STATUS, ""));
        Order.Outcome kill = new Orders(parent).give(new Order(Verb.KILL, "n1"));
        Order.Outcome stop = new Orders(parent).give(new Order(Verb.STOP, ""));

        assertThat(status.text()).contains("n1", "running", "the supervisor, process 1, has been killed");
        assertThat(kill.exitCode()).isEqualTo(1);
        assertThat(stop.exitCode()).isZero();
        assertThat(stop.text()).contains("stopped n1, n2");
        assertThat(running.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(paused.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(ClusterFile.in(parent).read()).isEmpty();
    }

    @Test
    void shouldLeaveAProcessAloneThatMerelyHasTheIdOfAServer() throws Exception {
        Process somebody = sleep();
        ProcessIdentity now = ProcessIdentity.of(somebody.toHandle());
        ProcessIdentity earlier =
                new ProcessIdentity(now.pid(), now.started().map(at -> at.minus(Duration.ofMinutes(1))));
        write(false, server("n1", earlier));

        Order.Outcome status = new Orders(parent).give(new Order(Verb.STATUS, ""));
        Order.Outcome stop = new Orders(parent).give(new Order(Verb.STOP, ""));

        assertThat(status.text()).contains("ended");
        assertThat(stop.text()).contains("nothing of it runs");
        assertThat(somebody.isAlive()).isTrue();
        assertThat(ClusterFile.in(parent).read()).isEmpty();
    }

    @Test
    void shouldRemoveTheDirectoryOfAnEphemeralClusterAndNothingElse() throws Exception {
        Path directory = Files.createDirectories(parent.resolve("cluster/n1"));
        Files.writeString(directory.resolve("data"), "x");
        Path kept = Files.writeString(parent.resolve("kept"), "x");
        Files.createSymbolicLink(directory.resolve("link"), kept);
        Path cluster = parent.resolve("cluster");
        write(cluster, true);

        Order.Outcome stop = new Orders(cluster).give(new Order(Verb.STOP, ""));

        assertThat(stop.exitCode()).isZero();
        assertThat(cluster).doesNotExist();
        assertThat(kept).exists();
    }

    private Process sleep() throws IOException {
        Process process = new ProcessBuilder("sleep", "120").start();
        processes.add(process);
        return process;
    }

    private static ClusterFile.Server server(String id, Process process) {
        return server(id, ProcessIdentity.of(process.toHandle()));
    }

    private static ClusterFile.Server server(String id, ProcessIdentity process) {
        ServerPlan plan = new ServerPlan(ServerPlan.NODE, id, new ServerPlan.Ports(1, 2, 3, 4), List.of());
        return ClusterFile.Server.of(
                new ServerState(plan, ServerState.Condition.RUNNING, false, process), Path.of("/tmp/log"));
    }

    private void write(boolean ephemeral, ClusterFile.Server... servers) throws IOException {
        write(parent, ephemeral, servers);
    }

    private static void write(Path directory, boolean ephemeral, ClusterFile.Server... servers) throws IOException {
        ClusterFile.in(directory)
                .write(new ClusterFile.Content(
                        true,
                        ClusterFile.Proc.of(new ProcessIdentity(1, Optional.empty())),
                        directory.resolve("control").toString(),
                        ephemeral,
                        List.of(servers)));
    }
}
