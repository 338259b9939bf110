// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterFileTest {

    private static final Instant STARTED = Instant.parse("2026-11-22T01:02:03.450Z");

    @TempDir
    private Path directory = Path.of("replaced by JUnit");

    @Test
    void shouldTellOthersWhoListensWhere() throws IOException {
        ClusterFile.in(directory).write(content());

        JsonObject server = JsonParser.parseString(Files.readString(directory.resolve("cluster.json")))
                .getAsJsonObject()
                .getAsJsonArray("servers")
                .get(0)
                .getAsJsonObject();
        assertThat(server.get("role").getAsString()).isEqualTo("node");
        assertThat(server.get("id").getAsString()).isEqualTo("n1");
        assertThat(server.get("client").getAsString()).isEqualTo("127.0.0.1:7400");
        assertThat(server.get("internal").getAsString()).isEqualTo("127.0.0.1:7401");
        assertThat(server.get("http").getAsString()).isEqualTo("127.0.0.1:7403");
        assertThat(server.get("pid").getAsLong()).isEqualTo(4711);
        assertThat(server.get("state").getAsString()).isEqualTo("paused");
        assertThat(server.get("partitioned").getAsBoolean()).isTrue();
        assertThat(server.get("log").getAsString()).isEqualTo("/tmp/n1.log");
    }

    @Test
    void shouldBeReadAsItWasWrittenAndLeaveNoDraft() throws IOException {
        ClusterFile file = ClusterFile.in(directory);

        file.write(content());
        file.write(content());

        assertThat(file.read()).contains(content());
        assertThat(content().servers().get(0).identity()).isEqualTo(new ProcessIdentity(4711, Optional.of(STARTED)));
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file.path());
        }
        file.delete();
        assertThat(file.read()).isEmpty();
    }

    @Test
    void shouldSayThatItIsNotOurs() throws IOException {
        for (String text : List.of("{", "[]", "{\"servers\": []}", "")) {
            Files.writeString(directory.resolve("cluster.json"), text);

            assertThatThrownBy(() -> ClusterFile.in(directory).read())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("cluster.json is not as `tidemark dev` writes it");
        }
    }

    @Test
    void shouldFindNobodyByATimeThatIsNone() {
        ClusterFile.Proc self = new ClusterFile.Proc(ProcessHandle.current().pid(), "yesterday");

        assertThat(self.identity().find()).isEmpty();
    }

    private static ClusterFile.Content content() {
        ServerPlan plan =
                new ServerPlan(ServerPlan.NODE, "n1", new ServerPlan.Ports(7400, 7401, 7402, 7403), List.of());
        ProcessIdentity process = new ProcessIdentity(4711, Optional.of(STARTED));
        return new ClusterFile.Content(
                true,
                ClusterFile.Proc.of(new ProcessIdentity(4710, Optional.of(STARTED))),
                "/tmp/control",
                false,
                List.of(ClusterFile.Server.of(
                        new ServerState(plan, ServerState.Condition.PAUSED, true, process), Path.of("/tmp/n1.log"))));
    }
}
