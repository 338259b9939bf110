// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Whether an object is one that Kubernetes would take as it is written: every field is known, those that must be there are, and each has
 * its type. By the classes of the official client, which are made from Kubernetes' own schema.
 */
final class KubernetesSchema {

    /** Throws for unknown fields and for those that are missing; not for each wrong type. */
    private interface Rules {
        void check(JsonElement object) throws IOException;
    }

    private record Kind(Class<?> type, Rules rules) {}

    private static final Map<String, Kind> KINDS = Map.of(
            "v1 ConfigMap", new Kind(V1ConfigMap.class, V1ConfigMap::validateJsonElement),
            "v1 Service", new Kind(V1Service.class, V1Service::validateJsonElement),
            "apps/v1 Deployment", new Kind(V1Deployment.class, V1Deployment::validateJsonElement),
            "apps/v1 StatefulSet", new Kind(V1StatefulSet.class, V1StatefulSet::validateJsonElement),
            "networking.k8s.io/v1 NetworkPolicy", new Kind(V1NetworkPolicy.class, V1NetworkPolicy::validateJsonElement),
            "policy/v1 PodDisruptionBudget",
                    new Kind(V1PodDisruptionBudget.class, V1PodDisruptionBudget::validateJsonElement));

    private static final Gson GSON = new Gson();

    private KubernetesSchema() {}

    /** What is wrong with the object; empty if nothing is. */
    static List<String> problems(JsonObject object) {
        String name = Yaml.text(object, "apiVersion") + " " + Yaml.text(object, "kind");
        Kind kind = KINDS.get(name);
        if (kind == null) {
            return List.of(name + ": unknown (expected: one of " + KINDS.keySet() + ")");
        }
        List<String> problems = new ArrayList<>();
        try {
            kind.rules().check(object);
            // A text where a number belongs fails here; a number where a text belongs comes back as a text.
            compare(name, object, GSON.toJsonTree(GSON.fromJson(object, kind.type())), problems);
        } catch (IOException | RuntimeException e) {
            problems.add(name + ": " + e.getMessage());
        }
        return problems;
    }

    /** All that was written must have come back. */
    private static void compare(String path, JsonElement written, JsonElement read, List<String> problems) {
        if (written instanceof JsonObject object && read instanceof JsonObject other) {
            object.entrySet().forEach(member -> {
                String inner = path + "." + member.getKey();
                if (!other.has(member.getKey())) {
                    problems.add(inner + ": not taken over");
                } else {
                    compare(inner, member.getValue(), other.get(member.getKey()), problems);
                }
            });
        } else if (written instanceof JsonArray array
                && read instanceof JsonArray other
                && array.size() == other.size()) {
            for (int i = 0; i < array.size(); i++) {
                compare(path + "[" + i + "]", array.get(i), other.get(i), problems);
            }
        } else if (!written.equals(read)) {
            problems.add(path + ": " + written + " (expected: " + read + ")");
        }
    }
}
