// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** A StatefulSet of servers or a Deployment of sidecars, and its pods as Kubernetes makes them of it. */
record Workload(JsonObject object) {

    static final String NAMESPACE = "somewhere";

    /** The label that the machines of all pods have. */
    static final String ZONE = "zone-of-the-machine";

    private static final Pattern REFERENCE = Pattern.compile("\\$\\(([A-Za-z_][A-Za-z0-9_]*)\\)");

    String name() {
        return Manifests.name(object);
    }

    /** {@code node}, {@code replica} or {@code sidecar}. */
    String role() {
        return podLabels().getOrDefault("app.kubernetes.io/component", "");
    }

    JsonObject spec() {
        return Yaml.within(object, "spec");
    }

    JsonObject podSpec() {
        return Yaml.within(object, "spec", "template", "spec");
    }

    JsonObject container() {
        List<JsonObject> containers = Yaml.objects(podSpec(), "containers");
        if (containers.size() != 1) {
            throw new AssertionError(name() + " has " + containers.size() + " containers (expected: 1)");
        }
        return containers.get(0);
    }

    Map<String, String> podLabels() {
        return texts(Yaml.within(object, "spec", "template", "metadata", "labels"));
    }

    List<String> podNames() {
        return IntStream.range(0, spec().get("replicas").getAsInt())
                .mapToObj(ordinal -> name() + "-" + ordinal)
                .toList();
    }

    /** Port numbers by their names. */
    Map<String, Integer> ports() {
        Map<String, Integer> ports = new TreeMap<>();
        Yaml.objects(container(), "ports")
                .forEach(port -> ports.put(
                        Yaml.text(port, "name"), port.get("containerPort").getAsInt()));
        return ports;
    }

    /** Whether a selector's labels are all there. */
    boolean isSelectedBy(JsonObject labels) {
        return podLabels().entrySet().containsAll(texts(labels).entrySet());
    }

    /** The environment of a pod's container. A reference to what is not defined before it stays as it is, so it fails here. */
    Map<String, String> environment(String pod) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (JsonObject variable : Yaml.objects(container(), "env")) {
            String value = variable.has("valueFrom")
                    ? field(Yaml.text(Yaml.within(variable, "valueFrom", "fieldRef"), "fieldPath"), pod)
                    : expand(Yaml.text(variable, "value"), environment);
            environment.put(Yaml.text(variable, "name"), value);
        }
        return environment;
    }

    static Map<String, String> texts(JsonObject object) {
        Map<String, String> texts = new TreeMap<>();
        object.entrySet()
                .forEach(member -> texts.put(member.getKey(), member.getValue().getAsString()));
        return texts;
    }

    private static String field(String path, String pod) {
        return switch (path) {
            case "metadata.name" -> pod;
            case "metadata.namespace" -> NAMESPACE;
            case "metadata.labels['topology.kubernetes.io/zone']" -> ZONE;
            default -> throw new AssertionError("fieldPath: " + path);
        };
    }

    private static String expand(String value, Map<String, String> before) {
        return REFERENCE.matcher(value).replaceAll(match -> {
            String referred = before.get(match.group(1));
            if (referred == null) {
                throw new AssertionError(match.group() + " in " + value + " is not defined before it, by " + before);
            }
            return Matcher.quoteReplacement(referred);
        });
    }
}
