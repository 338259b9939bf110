// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command line of {@code tidemark dev}; what runs is tried with processes. */
class DevCommandTest {

    @TempDir
    private Path directory = Path.of("replaced by JUnit");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldTakeTheDirectoryBeforeAndBehindAnOrder() {
        for (String[] arguments : List.of(
                new String[] {"dev", "--data-dir=" + directory, "status"},
                new String[] {"dev", "status", "--data-dir=" + directory},
                new String[] {"dev", "kill", "leader", "--data-dir=" + directory})) {
            err.getBuffer().setLength(0);

            assertThat(run(arguments)).isEqualTo(1);

            assertThat(err.toString()).contains("no cluster runs in " + directory);
        }
    }

    @Test
    void shouldRefuseClustersThatItCannotMake() {
        assertThat(run("dev", "--nodes=0")).isEqualTo(2);
        assertThat(run("dev", "--replicas=21")).isEqualTo(2);

        assertThat(err.toString()).contains("--nodes: 0 (expected: 1 to 9)", "--replicas: 21 (expected: 0 to 20)");
    }

    @Test
    void shouldNotTakeADirectoryWithFilesForAnEphemeralCluster() throws IOException {
        Path file = Files.writeString(directory.resolve("thesis"), "all of it");

        assertThat(run("dev", "--ephemeral", "--data-dir=" + directory)).isEqualTo(2);

        assertThat(err.toString()).contains("there is already thesis in it");
        assertThat(file).exists();
    }

    @Test
    void shouldSayThatAClusterDoesNotAnswer() throws IOException {
        Files.writeString(directory.resolve("cluster.json"), "{}");

        assertThat(run("dev", "status", "--data-dir=" + directory)).isEqualTo(1);

        assertThat(err.toString())
                .startsWith("tidemark: the cluster in " + directory + " does not answer: ")
                .contains("is not as `tidemark dev` writes it");
    }

    @Test
    void shouldSayInALineWhatFailed() {
        CommandLine dev = Objects.requireNonNull(Tidemark.commandLine()
                .setErr(new PrintWriter(err))
                .getSubcommands()
                .get("dev"));

        assertThat(Tidemark.report(new IOException("dev.log: no space left"), dev))
                .isEqualTo(1);

        assertThat(err.toString()).isEqualToIgnoringNewLines("tidemark: dev.log: no space left");
    }

    @Test
    void shouldSayInItsHelpWhatIsCut() {
        assertThat(run("dev", "partition", "--help")).isZero();

        assertThat(out.toString().replaceAll("\\s+", " "))
                .contains("from all other servers, in both directions")
                .contains("Clients still reach every server");
    }

    private int run(String... arguments) {
        CommandLine command =
                Tidemark.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return command.execute(arguments);
    }
}
