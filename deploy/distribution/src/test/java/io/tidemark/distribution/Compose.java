// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code deploy/compose/compose.yaml}, with what services have in common merged into each. */
record Compose(Map<String, JsonObject> services) {

    static final Path FILE = SourceTree.DEPLOY.resolve("compose").resolve("compose.yaml");

    private static final String MERGE = "<<";

    static Compose read() {
        JsonObject file = Yaml.document(FILE);
        Map<String, JsonObject> services = new LinkedHashMap<>();
        Yaml.within(file, "services")
                .entrySet()
                .forEach(service ->
                        services.put(service.getKey(), merged(service.getValue().getAsJsonObject())));
        return new Compose(services);
    }

    /** Nodes and replicas. */
    Map<String, JsonObject> servers() {
        return ofRoles("node", "replica");
    }

    Map<String, JsonObject> sidecars() {
        return ofRoles(SidecarOptions.ROLE);
    }

    private Map<String, JsonObject> ofRoles(String... roles) {
        Map<String, JsonObject> chosen = new LinkedHashMap<>();
        services.forEach((name, service) -> {
            if (List.of(roles).contains(role(service))) {
                chosen.put(name, service);
            }
        });
        return chosen;
    }

    static String role(JsonObject service) {
        return Yaml.texts(service, "command").get(0);
    }

    private static JsonObject merged(JsonObject service) {
        JsonElement common = service.get(MERGE);
        if (common == null) {
            return service;
        }
        JsonObject merged = common.getAsJsonObject().deepCopy();
        service.entrySet().stream()
                .filter(member -> !member.getKey().equals(MERGE))
                .forEach(member -> merged.add(member.getKey(), member.getValue()));
        return merged;
    }
}
