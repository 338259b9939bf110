// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CheckConfigCommandTest {

    @TempDir
    private Path directory = Path.of("replaced by JUnit");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldAcceptWhatAServerWouldStartWithAndTouchNothing() throws IOException {
        Path data = directory.resolve("data");
        Path config =
                write("id: n1\ndata-dir: " + data + "\ncluster.nodes: [n1@10.0.0.1, n2@10.0.0.2]\nhost: 10.0.0.1\n");

        assertThat(check("node", "--config=" + config)).isZero();

        assertThat(out.toString()).contains("node.yaml is right for a node");
        assertThat(data).doesNotExist();
    }

    @Test
    void shouldAcceptTheExamples() {
        for (String role : List.of("node", "replica", "sidecar")) {
            assertThat(check(role, "--config=../conf/" + role + ".yaml"))
                    .as(err.toString())
                    .isZero();
        }
    }

    @Test
    void shouldSayAllThatIsWrongWhereverItStands() throws IOException {
        Path config = write("id: r1\nclient: {prot: 1}\n");

        assertThat(check("replica", "--config=" + config, "--zne=a", "--feed.credit-bytes=1"))
                .isEqualTo(2);

        assertThat(err.toString())
                .contains("node.yaml:2: unknown option 'client.prot' (did you mean client.port?)")
                .contains("flag: unknown option 'zne' (did you mean zone?)")
                .contains("data-dir: missing")
                .contains("flag: feed.credit-bytes: '1' (expected: a size");
    }

    @Test
    void shouldSayWhatDoesNotGoTogether() throws IOException {
        Path config = write("id: n1\ndata-dir: /tmp/n1\nraft.election-min: 2s\nraft.election-max: 1s\n");

        assertThat(check("node", "--config=" + config)).isEqualTo(2);

        assertThat(err.toString()).contains("raft.election-min: 2000ms (expected: below raft.election-max, 1000ms)");
    }

    @Test
    void shouldSayWhatIsWrongWithASidecarAndItsResources() throws IOException {
        Path config = write("cluster.endpoints: [10.0.0.1:7400]\nrest: {prot: 1}\n");
        Path resources = Files.writeString(
                directory.resolve("users.yaml"), "resources:\n  - {path: /api/user, tabel: users, key: id}\n");

        assertThat(check("sidecar", "--config=" + config, "--zne=a")).isEqualTo(2);
        assertThat(err.toString())
                .contains("node.yaml: unknown option 'rest.prot' (did you mean rest.port?)")
                .contains("flag: unknown option 'zne' (did you mean zone?)");

        assertThat(check("sidecar", "--cluster.endpoints=10.0.0.1:7400", "--resources.files=" + resources))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("users.yaml: resources[0]: unknown member 'tabel' (did you mean table?)")
                .doesNotContain("\tat ");
    }

    @Test
    void shouldAcceptTheExamplesOfResources() {
        assertThat(check(
                        "sidecar",
                        "--config=../conf/sidecar.yaml",
                        "--resources.files=../rest-sidecar/examples/users.yaml,../rest-sidecar/examples/expenses.yaml"))
                .as(err.toString())
                .isZero();
    }

    @Test
    void shouldKnowItsRoles() {
        assertThat(check("nodes")).isEqualTo(2);

        assertThat(err.toString()).contains("role: 'nodes' (expected: one of node, replica, sidecar)");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("node.yaml"), text);
    }

    private int check(String... arguments) {
        List<String> all = new ArrayList<>(List.of("check-config"));
        all.addAll(List.of(arguments));
        CommandLine command =
                Tidemark.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return command.execute(all.toArray(String[]::new));
    }
}
