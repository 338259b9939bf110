// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.tidemark.server.process.FirstNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code deploy/kubernetes} makes, as Kubernetes and the servers in it take it. */
class KubernetesTest {

    private static final String BASE = "base";
    private static final String SMALL = "overlays/small";
    private static final String ZONES = "overlays/zones";

    private static final String SERVERS = "{\"app.kubernetes.io/name\":\"tidemark\"}";
    private static final Pattern AMOUNT = Pattern.compile("(\\d+)(m|g|Mi|Gi)");
    private static final Map<String, Integer> MEBIBYTES = Map.of("m", 1, "Mi", 1, "g", 1024, "Gi", 1024);

    @TempDir
    Path directory = Path.of("replaced by JUnit");

    @ParameterizedTest
    @ValueSource(strings = {BASE, SMALL, ZONES})
    void shouldFitTheSchema(String variant) {
        Manifests manifests = Manifests.of(variant);

        assertThat(manifests.objects()).isNotEmpty();
        assertThat(manifests.objects())
                .allSatisfy(object -> assertThat(KubernetesSchema.problems(object))
                        .as(Manifests.name(object))
                        .isEmpty());
    }

    @Test
    void shouldFindWhatDoesNotFitTheSchema() {
        Workload node = Manifests.of(BASE).servers().get(0);
        node.container().addProperty("imagePulPolicy", "Always");
        assertThat(KubernetesSchema.problems(node.object())).anyMatch(problem -> problem.contains("imagePulPolicy"));
        node.container().remove("imagePulPolicy");

        node.spec().add("replicas", new JsonPrimitive("three"));
        assertThat(KubernetesSchema.problems(node.object())).anyMatch(problem -> problem.contains("three"));
        node.spec().add("replicas", new JsonPrimitive(3));

        JsonObject variable = Yaml.objects(node.container(), "env").get(5);
        variable.add("value", new JsonPrimitive(1));
        assertThat(KubernetesSchema.problems(node.object())).anyMatch(problem -> problem.contains("env[5].value: 1"));
        variable.addProperty("value", "1");

        assertThat(KubernetesSchema.problems(node.object())).isEmpty();
        node.spec().remove("serviceName");
        node.spec().remove("selector");
        assertThat(KubernetesSchema.problems(node.object())).anyMatch(problem -> problem.contains("selector"));
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, SMALL, ZONES})
    void shouldGiveServersAConfigurationThatTheyAccept(String variant) {
        Manifests manifests = Manifests.of(variant);
        Map<String, String> advertised = new TreeMap<>();
        for (Workload workload : manifests.servers()) {
            for (String pod : workload.podNames()) {
                ServerOptions options = read(manifests, workload, pod);

                assertThat(workload.ports()).as("ports of " + pod).isEqualTo(options.ports());
                assertThat(options.server().host()).isEqualTo("0.0.0.0");
                assertThat(options.server().zone()).isEqualTo(zone(workload));
                assertThat(options.server().advertisedHost())
                        .isEqualTo(pod + "." + Yaml.text(workload.spec(), "serviceName") + "." + Workload.NAMESPACE
                                + ".svc");
                assertThat(workload.podSpec()
                                .get("terminationGracePeriodSeconds")
                                .getAsLong())
                        .isGreaterThan(2 * options.server().stopGrace().toSeconds());
                if (workload.role().equals("node")) {
                    advertised.put(pod, options.server().advertisedHost());
                }
            }
        }
        for (Workload workload : manifests.servers()) {
            ServerOptions options =
                    read(manifests, workload, workload.podNames().get(0));
            assertThat(options.nodes().stream().collect(Collectors.toMap(FirstNode::id, FirstNode::host)))
                    .as("cluster.nodes of " + workload.name())
                    .isEqualTo(advertised);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, SMALL, ZONES})
    void shouldGiveSidecarsAConfigurationThatTheyAccept(String variant) {
        Manifests manifests = Manifests.of(variant);

        assertThat(manifests.sidecars()).isNotEmpty().allSatisfy(workload -> {
            SidecarOptions options = SidecarOptions.read(
                    Optional.of(configFile(manifests, workload)), workload.environment("any"), List.of());

            assertThat(workload.ports()).isEqualTo(options.ports());
            assertThat(options.config().host()).isEqualTo("0.0.0.0");
            assertThat(options.config().zone()).isEqualTo(zone(workload));
            assertThat(workload.podSpec().get("terminationGracePeriodSeconds").getAsLong())
                    .isGreaterThan(2 * options.config().stopGrace().toSeconds());
            assertThat(options.endpoints()).isNotEmpty().allSatisfy(endpoint -> {
                String[] hostAndPort = endpoint.split(":", -1);
                JsonObject service = Yaml.within(manifests.named("Service", hostAndPort[0]), "spec");
                assertThat(Yaml.objects(service, "ports"))
                        .anyMatch(port -> port.get("port").getAsString().equals(hostAndPort[1]));
            });
        });
        assertThat(manifests.sidecars().stream()
                        .mapToInt(workload -> workload.spec().get("replicas").getAsInt())
                        .sum())
                .as("one that is replaced or lost leaves another one")
                .isGreaterThan(1);
    }

    /** Else the Services of servers would lead to sidecars, and sidecars could reach what only servers may. */
    @ParameterizedTest
    @ValueSource(strings = {BASE, SMALL, ZONES})
    void shouldLetSidecarsReachTheClientPortAndNoOther(String variant) {
        Manifests manifests = Manifests.of(variant);

        assertThat(manifests.sidecars()).isNotEmpty().allSatisfy(sidecar -> {
            Set<String> reachable = new TreeSet<>();
            for (JsonObject policy : manifests.ofKind("NetworkPolicy")) {
                for (JsonObject rule : Yaml.objects(Yaml.within(policy, "spec"), "ingress")) {
                    if (Yaml.objects(rule, "from").stream()
                            .filter(peer -> peer.has("podSelector"))
                            .anyMatch(peer -> sidecar.isSelectedBy(Yaml.within(peer, "podSelector", "matchLabels")))) {
                        Yaml.objects(rule, "ports").forEach(port -> reachable.add(Yaml.text(port, "port")));
                    }
                }
            }
            assertThat(reachable).containsExactly("client");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, SMALL, ZONES})
    void shouldFindWhatItRefersTo(String variant) {
        Manifests manifests = Manifests.of(variant);
        for (JsonObject service : manifests.ofKind("Service")) {
            JsonObject spec = Yaml.within(service, "spec");
            assertThat(selected(manifests, Yaml.within(spec, "selector")))
                    .as(Manifests.name(service))
                    .isNotEmpty()
                    .allSatisfy(workload -> Yaml.objects(spec, "ports")
                            .forEach(port -> assertThat(workload.ports())
                                    .containsEntry(
                                            Yaml.text(port, "targetPort"),
                                            port.get("port").getAsInt())));
        }
        for (JsonObject budget : manifests.ofKind("PodDisruptionBudget")) {
            assertThat(selected(manifests, Yaml.within(budget, "spec", "selector", "matchLabels")))
                    .as(Manifests.name(budget))
                    .isNotEmpty();
        }
        for (Workload workload : manifests.servers()) {
            JsonObject headless = manifests.named("Service", Yaml.text(workload.spec(), "serviceName"));
            assertThat(Yaml.text(Yaml.within(headless, "spec"), "clusterIP")).isEqualTo("None");
            assertThat(Yaml.within(headless, "spec").get("publishNotReadyAddresses"))
                    .as("nodes find each other before they are ready")
                    .isEqualTo(new JsonPrimitive(true));
        }
        for (Workload workload : manifests.workloads()) {
            assertThat(workload.isSelectedBy(Yaml.within(workload.spec(), "selector", "matchLabels")))
                    .isTrue();
            for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                JsonObject get = Yaml.within(workload.container(), probe, "httpGet");
                assertThat(Yaml.text(get, "port")).isEqualTo("http");
                assertThat(Yaml.text(get, "path")).isEqualTo(probe.equals("readinessProbe") ? "/readyz" : "/healthz");
            }
            JsonObject config = configMap(manifests, workload);
            assertThat(config.keySet()).containsExactly(workload.role() + ".yaml");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, SMALL, ZONES})
    void shouldOpenEachPortToThoseWhomItIsFor(String variant) {
        Manifests manifests = Manifests.of(variant);
        for (Workload workload : manifests.workloads()) {
            Map<String, String> allowed = new TreeMap<>();
            for (JsonObject policy : manifests.ofKind("NetworkPolicy")) {
                JsonObject spec = Yaml.within(policy, "spec");
                if (workload.isSelectedBy(Yaml.within(spec, "podSelector", "matchLabels"))) {
                    Yaml.objects(spec, "ingress")
                            .forEach(rule -> Yaml.objects(rule, "ports")
                                    .forEach(port -> allowed.put(Yaml.text(port, "port"), peers(rule))));
                }
            }
            assertThat(allowed.keySet()).isEqualTo(workload.ports().keySet());
            assertThat(allowed)
                    .allSatisfy((port, peers) -> assertThat(peers).isNotEmpty())
                    .containsEntry("http", "{\"tidemark.io/monitoring\":\"true\"}");
            switch (workload.role()) {
                case "node" ->
                    assertThat(allowed)
                            .containsEntry("internal", SERVERS)
                            .hasEntrySatisfying(
                                    "raft",
                                    peers -> assertThat(peers).contains("\"app.kubernetes.io/component\":\"node\""));
                case "replica" -> assertThat(allowed).containsEntry("internal", SERVERS);
                default ->
                    assertThat(allowed)
                            .containsEntry(
                                    "rest",
                                    "{\"tidemark.io/rest-client\":\"true\"} {\"tidemark.io/rest-client\":\"true\"}");
            }
        }
    }

    /** What the Pod Security Standard "restricted" asks for, and more. */
    @ParameterizedTest
    @ValueSource(strings = {BASE, SMALL, ZONES})
    void shouldRunWithoutRights(String variant) {
        assertThat(Manifests.of(variant).workloads()).isNotEmpty().allSatisfy(workload -> {
            JsonObject pod = Yaml.within(workload.podSpec(), "securityContext");
            JsonObject container = Yaml.within(workload.container(), "securityContext");
            assertThat(pod.get("runAsNonRoot").getAsBoolean()).isTrue();
            assertThat(pod.get("runAsUser").getAsInt()).isPositive();
            assertThat(Yaml.text(Yaml.within(pod, "seccompProfile"), "type")).isEqualTo("RuntimeDefault");
            assertThat(container.get("allowPrivilegeEscalation").getAsBoolean()).isFalse();
            assertThat(container.get("readOnlyRootFilesystem").getAsBoolean()).isTrue();
            assertThat(Yaml.texts(Yaml.within(container, "capabilities"), "drop"))
                    .containsExactly("ALL");
            assertThat(workload.podSpec().get("automountServiceAccountToken").getAsBoolean())
                    .isFalse();
            // Variables of services begin with TIDEMARK_, and the servers would refuse them.
            assertThat(workload.podSpec().get("enableServiceLinks").getAsBoolean())
                    .isFalse();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, SMALL, ZONES})
    void shouldLeaveRoomBesideHeapAndBuffers(String variant) {
        assertThat(Manifests.of(variant).workloads()).isNotEmpty().allSatisfy(workload -> {
            String java = workload.environment("any").getOrDefault("TIDEMARK_JAVA_OPTS", "");
            JsonObject resources = Yaml.within(workload.container(), "resources");
            String limit = Yaml.text(Yaml.within(resources, "limits"), "memory");
            assertThat(Yaml.text(Yaml.within(resources, "requests"), "memory")).isEqualTo(limit);
            assertThat(mebibytes(java, "-Xmx") + mebibytes(java, "-XX:MaxDirectMemorySize=") + 256)
                    .isLessThanOrEqualTo(mebibytes(limit, ""));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {SMALL, ZONES})
    void shouldTakeTheImageOfThisVersion(String variant) {
        assertThat(Manifests.of(variant).workloads())
                .isNotEmpty()
                .allSatisfy(workload -> assertThat(Yaml.text(workload.container(), "image"))
                        .isEqualTo("localhost/tidemark:" + SourceTree.version()));
    }

    @Test
    void shouldTieTheIdOfANodeToItsVolume() throws Exception {
        Workload node = Manifests.of(BASE).servers().get(0);
        String script = Yaml.texts(node.container(), "command")
                .get(2)
                .replace("/var/lib/tidemark", directory.toString())
                .replace("/opt/tidemark/bin/tidemark", "echo");

        assertThat(startNode(script, "auto")).contains("--id=tidemark-node-1\n");
        assertThat(startNode(script, "join")).as("its volume has an id").contains("--id=tidemark-node-1\n");
        Files.delete(directory.resolve("id"));
        String onNewVolume = startNode(script, "join");
        assertThat(onNewVolume).containsPattern("--id=tidemark-node-1-\\d+\n");
        assertThat(startNode(script, "auto")).isEqualTo(onNewVolume);
    }

    private static String startNode(String script, String start) throws IOException, InterruptedException {
        return Program.orSkip("env")
                .run("POD_NAME=tidemark-node-1", "TIDEMARK_CLUSTER_START=" + start, "bash", "-ec", script)
                .outputIfWell();
    }

    private ServerOptions read(Manifests manifests, Workload workload, String pod) {
        // Nodes have their id of a script of their own.
        List<String> flags = workload.role().equals("node") ? List.of("--id=" + pod) : List.of();
        return ServerOptions.read(
                workload.role(), Optional.of(configFile(manifests, workload)), workload.environment(pod), flags);
    }

    private Path configFile(Manifests manifests, Workload workload) {
        String name = workload.role() + ".yaml";
        try {
            return Files.writeString(directory.resolve(name), Yaml.text(configMap(manifests, workload), name));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JsonObject configMap(Manifests manifests, Workload workload) {
        JsonObject volume = Yaml.objects(workload.podSpec(), "volumes").stream()
                .filter(each -> each.has("configMap"))
                .findFirst()
                .orElseThrow();
        return Yaml.within(manifests.named("ConfigMap", Yaml.text(Yaml.within(volume, "configMap"), "name")), "data");
    }

    private static String zone(Workload workload) {
        JsonElement bound = workload.podSpec().get("nodeSelector");
        return bound == null ? Workload.ZONE : Yaml.text(bound.getAsJsonObject(), "topology.kubernetes.io/zone");
    }

    private static List<Workload> selected(Manifests manifests, JsonObject labels) {
        return manifests.workloads().stream()
                .filter(workload -> workload.isSelectedBy(labels))
                .toList();
    }

    private static String peers(JsonObject rule) {
        return Yaml.objects(rule, "from").stream()
                .flatMap(peer -> peer.entrySet().stream())
                .map(peer -> Yaml.within(peer.getValue().getAsJsonObject(), "matchLabels")
                        .toString())
                .collect(Collectors.joining(" "));
    }

    private static int mebibytes(String text, String before) {
        Matcher matcher = Pattern.compile(Pattern.quote(before) + AMOUNT).matcher(text);
        assertThat(matcher.find()).as(before + " in " + text).isTrue();
        return Integer.parseInt(matcher.group(1)) * MEBIBYTES.getOrDefault(matcher.group(2), 0);
    }
}
