// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.openapi;

import io.tidemark.api.Contract;
import io.tidemark.rest.resource.ResourceSpec;
import io.tidemark.rest.routing.Binding;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI 3.1 document of a sidecar: the contract's routes, and its resources. */
public final class OpenApi {

    private static final JsonMapper JSON = JsonMapper.shared();

    private OpenApi() {}

    /** The document. */
    public static String document(List<ResourceSpec> resources) {
        Comments comments = new Comments(Contract.descriptorSet());
        Schemas schemas = new Schemas(comments);
        ObjectNode root = JSON.createObjectNode().put("openapi", "3.1.0");
        ObjectNode info =
                root.putObject("info").put("title", "Tidemark over HTTP").put("version", "v1");
        info.put(
                "description",
                "Rows are bodies; everything else is the contract tidemark.v1 as JSON. docs/rest.md has examples.");
        info.putObject("license").put("name", "Apache-2.0").put("identifier", "Apache-2.0");
        root.putArray("servers").addObject().put("url", "/");
        root.putArray("security");
        tags(root.putArray("tags"), resources);
        ObjectNode paths = root.putObject("paths");
        Operations operations = new Operations(schemas, comments);
        Map<String, Integer> ids = new HashMap<>();
        for (Binding binding : Binding.ofContract()) {
            String name = binding.rpc().getName();
            String base = Character.toLowerCase(name.charAt(0)) + name.substring(1);
            int count = ids.merge(base, 1, Integer::sum);
            String path = binding.template().toString().replace("=**", "");
            paths.withObjectProperty(path)
                    .set(
                            binding.method().name().toLowerCase(Locale.ROOT),
                            operations.of(binding, count == 1 ? base : base + count));
        }
        resources.forEach(resource -> ResourceOperations.add(paths, resource));
        ObjectNode components = Shared.components();
        ObjectNode all = schemas.all();
        all.set("Problem", Shared.problemSchema());
        components.set("schemas", all);
        root.set("components", components);
        return JSON.writeValueAsString(root);
    }

    private static void tag(ArrayNode tags, String name, String description) {
        tags.addObject().put("name", name).put("description", description);
    }

    private static void tags(ArrayNode tags, List<ResourceSpec> resources) {
        // What the contract says of its services is for those who speak gRPC.
        tag(
                tags,
                "KeyValue",
                "Reading, writing and watching rows. A row has two routes: with its key in the path, and with its key as a"
                        + " parameter, for keys that proxies would change on the way (empty segments, `.` and `..`, a slash at the end).");
        tag(
                tags,
                "Cluster",
                "Who is in the cluster, who serves what, which tables there are, and what the limits are.");
        tag(tags, "Maintenance", "How a server is.");
        resources.forEach(resource -> tag(tags, resource.path(), "Documents of the table `" + resource.table() + "`."));
    }
}
