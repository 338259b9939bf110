// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.tidemark.server.config.Configuration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code deploy/compose}, as the servers in it take it. */
class ComposeTest {

    private static final Compose COMPOSE = Compose.read();

    @Test
    void shouldGiveServersAConfigurationThatTheyAccept() {
        assertThat(COMPOSE.servers()).hasSize(6);
        Set<String> zonesOfNodes = new HashSet<>();
        Set<String> zonesOfReplicas = new HashSet<>();
        COMPOSE.servers().forEach((name, service) -> {
            List<String> command = Yaml.texts(service, "command");
            ServerOptions options = ServerOptions.read(
                    command.get(0),
                    Optional.empty(),
                    Workload.texts(Yaml.within(service, "environment")),
                    command.subList(1, command.size()));

            assertThat(options.server().id()).isEqualTo(name);
            assertThat(options.server().advertisedHost()).isEqualTo(name);
            assertThat(options.server().host()).isEqualTo("0.0.0.0");
            assertThat(options.server().dataDir().toString()).startsWith("/var/lib/tidemark/");
            assertThat(options.nodes())
                    .extracting(node -> node.id() + "@" + node.host())
                    .containsExactly("n1@n1", "n2@n2", "n3@n3");
            (options.role().equals("node") ? zonesOfNodes : zonesOfReplicas)
                    .add(options.server().zone());
        });
        assertThat(zonesOfNodes).hasSize(3).doesNotContain("");
        assertThat(zonesOfReplicas).isEqualTo(zonesOfNodes);
    }

    @Test
    void shouldGiveTheSidecarAConfigurationThatItAccepts() {
        assertThat(COMPOSE.sidecars()).hasSize(1);
        COMPOSE.sidecars().forEach((name, service) -> {
            List<String> command = Yaml.texts(service, "command");
            SidecarOptions options = SidecarOptions.read(
                    Optional.empty(),
                    Workload.texts(Yaml.within(service, "environment")),
                    command.subList(1, command.size()));

            assertThat(options.config().host()).isEqualTo("0.0.0.0");
            assertThat(options.endpoints())
                    .containsExactlyElementsOf(COMPOSE.servers().keySet().stream()
                            .map(server -> server + ":7400")
                            .toList());
            assertThat(Yaml.texts(service, "ports"))
                    .containsExactly("127.0.0.1:8080:" + options.config().restPort());
            assertThat(options.config().resourceFiles())
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(
                                    SourceTree.RESOURCES.resolve(file.replace("/opt/tidemark/conf/resources/", "")))
                            .exists());
        });
    }

    /** Who exported one for Compose runs {@code tidemark dev} in the same shell, and servers refuse variables of ours that they do not know. */
    @Test
    void shouldTakeNoVariableThatServersWouldRefuse() {
        assertThat(Pattern.compile("\\$\\{(\\w+)")
                        .matcher(SourceTree.read(Compose.FILE))
                        .results()
                        .map(variable -> variable.group(1)))
                .contains("IMAGE", "PROMETHEUS_IMAGE")
                .noneMatch(variable -> variable.startsWith(Configuration.ENVIRONMENT_PREFIX));
    }

    @Test
    void shouldCallHealthyWhoShouldBeSentRequests() {
        Map<String, JsonObject> all = new LinkedHashMap<>(COMPOSE.servers());
        all.putAll(COMPOSE.sidecars());

        assertThat(all.values())
                .hasSize(7)
                .allSatisfy(service -> assertThat(Yaml.texts(Yaml.within(service, "healthcheck"), "test"))
                        .containsExactly("CMD", "/opt/tidemark/bin/healthcheck", "/readyz"));
    }

    @Test
    void shouldPublishPortsToThisMachineAlone() {
        Set<String> published = COMPOSE.services().values().stream()
                .flatMap(service -> Yaml.texts(service, "ports").stream())
                .collect(Collectors.toSet());

        assertThat(published).hasSize(8).allMatch(port -> port.startsWith("127.0.0.1:"));
    }

    @Test
    void shouldKeepTheDataOfEachServerInAVolumeOfItsOwn() {
        Set<String> volumes = new HashSet<>();
        COMPOSE.servers().forEach((name, service) -> {
            List<String> mounted = Yaml.texts(service, "volumes");
            assertThat(mounted).containsExactly(name + ":/var/lib/tidemark");
            volumes.addAll(mounted);
        });
        assertThat(volumes).hasSize(6);
    }

    @Test
    void shouldRunWithoutRights() {
        for (JsonObject service : COMPOSE.services().values()) {
            assertThat(service.get("read_only").getAsBoolean()).isTrue();
            assertThat(Yaml.texts(service, "cap_drop")).containsExactly("ALL");
            assertThat(Yaml.texts(service, "security_opt")).contains("no-new-privileges:true");
        }
    }
}
