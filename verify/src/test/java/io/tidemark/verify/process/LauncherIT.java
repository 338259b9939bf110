// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The {@code tidemark} command as a user runs it. */
@Timeout(120)
class LauncherIT {

    @TempDir
    Path directory = Path.of("replaced by JUnit");

    @Test
    void shouldRunThroughALinkFromAnyDirectory() throws Exception {
        Path link = directory.resolve("tide mark");
        Files.createSymbolicLink(
                link, Path.of("..", "deploy", "tidemark").toAbsolutePath().normalize());

        Process process = start(List.of(link.toString(), "version"));

        assertThat(output(process)).contains("tidemark 0.1.0");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void shouldShowTheEffectiveConfigurationAndItsSources() throws Exception {
        Path config = Path.of("..", "deploy", "conf", "node.yaml").toAbsolutePath();
        Process process = start(Launcher.command("node", "--config=" + config, "--client.port=7500", "--print-config"));

        assertThat(output(process).lines())
                .contains("client.port: '7500'  # flag", "id: 'n1'  # node.yaml:2", "stop.grace: '10s'  # node.yaml:19")
                .contains("client.max-request-bytes: '4MiB'  # default");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void shouldRefuseWhatItDoesNotKnow() throws Exception {
        Process process = start(Launcher.command("nodes"));

        assertThat(output(process)).contains("Unmatched argument", "Did you mean: tidemark node");
        assertThat(process.waitFor()).isEqualTo(2);
    }

    @Test
    void shouldRunAClusterUntilItIsStopped() throws Exception {
        Process dev =
                start(Launcher.command("dev", "--nodes=2", "--replicas=1", "--data-dir=" + directory.resolve("dev")));
        List<String> table = new ArrayList<>();
        List<ProcessHandle> children = new ArrayList<>();
        try (var lines = dev.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                table.add(line);
                if (line.contains("servers ready")) {
                    children.addAll(dev.children().toList());
                    // Not Process.destroy, which would close the stream that is being read.
                    dev.toHandle().destroy();
                }
            }
        } finally {
            dev.toHandle().destroy();
        }

        assertThat(table)
                .anyMatch(line -> line.matches("node +n1 +127\\.0\\.0\\.1:\\d+ +127\\.0\\.0\\.1:\\d+ .*"))
                .anyMatch(line -> line.matches("replica +r1 .*"))
                .anyMatch(line -> line.matches("sidecar +s1 .*"))
                .contains("4 servers ready. Ctrl-C stops them.")
                .noneMatch(line -> line.contains("ended with exit code"));
        assertThat(dev.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(dev.exitValue()).isZero();
        assertThat(children).hasSize(4).noneMatch(ProcessHandle::isAlive);
        assertThat(Files.readString(directory.resolve("dev/n2.log"))).contains("drained role=node id=n2");
    }

    @Test
    void shouldLeaveNoServerBehindWhenItIsStoppedWhileStarting() throws Exception {
        Path data = directory.resolve("dev");
        Process dev = start(Launcher.command("dev", "--data-dir=" + data));
        List<ProcessHandle> children = new ArrayList<>();
        while (children.isEmpty() && dev.isAlive()) {
            children.addAll(dev.descendants().toList());
        }

        dev.toHandle().destroy();

        assertThat(dev.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(dev.exitValue()).isZero();
        assertThat(ProcessHandle.allProcesses())
                .noneMatch(process -> process.info().commandLine().orElse("").contains("--data-dir=" + data + "/"));
    }

    @Test
    void shouldSayThatAServerDiedAndGoOnWithTheOthers() throws Exception {
        Process dev =
                start(Launcher.command("dev", "--nodes=1", "--replicas=1", "--data-dir=" + directory.resolve("dev")));
        List<String> output = new ArrayList<>();
        List<ProcessHandle> children = new ArrayList<>();
        boolean othersLive = false;
        try (var lines = dev.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                if (line.contains("servers ready")) {
                    children.addAll(dev.children().toList());
                    children.get(0).destroyForcibly();
                } else if (line.contains("ended with exit code")) {
                    othersLive = children.stream().skip(1).allMatch(ProcessHandle::isAlive);
                    dev.toHandle().destroy();
                }
            }
        } finally {
            dev.toHandle().destroy();
        }

        assertThat(output)
                .anyMatch(line -> line.matches("tidemark: [nrs]1 ended with exit code 137 .*; the others go on"));
        assertThat(othersLive).isTrue();
        assertThat(dev.waitFor()).isZero();
        assertThat(children).hasSize(3).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void shouldLeaveARunningClusterAloneWhenASecondIsStartedInItsDirectory() throws Exception {
        List<String> command =
                Launcher.command("dev", "--nodes=1", "--replicas=0", "--data-dir=" + directory.resolve("dev"));
        Process first = start(command);
        String refusal = "";
        int refusalCode = -1;
        boolean firstLives = false;
        try (var lines = first.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.contains("servers ready")) {
                    Process second = start(command);
                    refusal = output(second);
                    refusalCode = second.waitFor();
                    firstLives = first.children().allMatch(ProcessHandle::isAlive)
                            && Files.exists(directory.resolve("dev/n1/ports"));
                    first.toHandle().destroy();
                }
            }
        } finally {
            first.toHandle().destroy();
        }

        assertThat(refusal)
                .contains("data directory " + directory.resolve("dev") + " is in use by process " + first.pid());
        assertThat(refusalCode).isEqualTo(2);
        assertThat(firstLives).isTrue();
        assertThat(first.waitFor()).isZero();
    }

    private Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
