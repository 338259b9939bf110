// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.openapi;

import io.tidemark.api.Contract;
import io.tidemark.rest.resource.ResourceSpec;
import io.tidemark.rest.resource.ResourceSpec.Operation;
import io.tidemark.rest.routing.Binding;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The OpenAPI 3.1 document of a sidecar: the contract's routes, and its resources. */
public final class OpenApi {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** Headers of requests, and what they are. */
    private static final Map<String, String> REQUEST_HEADERS = new LinkedHashMap<>();

    /** Headers of answers, and what they are. */
    private static final Map<String, String> ANSWER_HEADERS = new LinkedHashMap<>();

    static {
        REQUEST_HEADERS.put(
                "Tidemark-Session", "What the caller has seen: tokens of answers, up to 16, with commas between.");
        REQUEST_HEADERS.put("Tidemark-Timeout", "How long the call may take, as in 250ms.");
        REQUEST_HEADERS.put(
                "Tidemark-Read",
                "How fresh a read must be: some of linearizable, eventual, max-staleness=250ms, max-lag=10, min-index=5, as-of=5,"
                        + " as-of-time=..., max-wait=100ms, serve-unmet.");
        REQUEST_HEADERS.put("Cache-Control", "no-cache: the newest state. max-age=N: at most N seconds stale.");
        REQUEST_HEADERS.put("If-Match", "Only if the row is the one that this ETag names; *: only if there is one.");
        REQUEST_HEADERS.put(
                "If-None-Match",
                "Of a read: 304 if the row is the one that this ETag names. Of a write, *: only if there is none.");
        REQUEST_HEADERS.put("Idempotency-Key", "Names the write, so that it happens once however often it is sent.");
        REQUEST_HEADERS.put("Last-Event-ID", "Where to go on: the id of the last event.");
        ANSWER_HEADERS.put("ETag", "Names the row as it is: history and index of its last change.");
        ANSWER_HEADERS.put("Tidemark-Index", "The index that the answer is as of; of a write, its commit.");
        ANSWER_HEADERS.put("Tidemark-Session", "What the caller has seen by now, for its next request.");
        ANSWER_HEADERS.put("Tidemark-Staleness-Ms", "How stale the answer is at most. Absent: not known.");
    }

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
        tags(root.putArray("tags"), comments, resources);
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
        resources.forEach(resource -> resource(paths, resource));
        ObjectNode components = root.putObject("components");
        components(components);
        ObjectNode all = schemas.all();
        all.set("Problem", problem());
        components.set("schemas", all);
        return JSON.writeValueAsString(root);
    }

    private static void tags(ArrayNode tags, Comments comments, List<ResourceSpec> resources) {
        for (String service : List.of("KeyValue", "Cluster", "Maintenance")) {
            tags.addObject().put("name", service).put("description", comments.of("tidemark.v1." + service));
        }
        resources.forEach(resource -> tags.addObject()
                .put("name", resource.path())
                .put("description", "Documents of table " + resource.table()));
    }

    private static void resource(ObjectNode paths, ResourceSpec spec) {
        String item = spec.path() + "/"
                + String.join(
                        "/",
                        spec.keyMembers().stream().map(name -> "{" + name + "}").toList());
        for (Operation operation : spec.operations()) {
            String verb = switch (operation) {
                case GET, LIST -> "get";
                case CREATE -> "post";
                case REPLACE -> "put";
                case PATCH -> "patch";
                case DELETE -> "delete";
            };
            boolean ofItem = operation != Operation.LIST && operation != Operation.CREATE;
            String name = operation.name().toLowerCase(Locale.ROOT);
            ObjectNode made =
                    paths.withObjectProperty(ofItem ? item : spec.path()).putObject(verb);
            made.put("operationId", name + spec.path().replaceAll("[^A-Za-z0-9]+", "_"));
            made.put("summary", name + " " + spec.path());
            made.putArray("tags").add(spec.path());
            ArrayNode parameters = made.putArray("parameters");
            if (ofItem) {
                spec.keyMembers()
                        .forEach(member -> parameters
                                .addObject()
                                .put("name", member)
                                .put("in", "path")
                                .put("required", true)
                                .putObject("schema")
                                .put("type", "string"));
            }
            if (operation == Operation.CREATE || operation == Operation.REPLACE || operation == Operation.PATCH) {
                String type = operation == Operation.PATCH ? "application/merge-patch+json" : "application/json";
                made.putObject("requestBody")
                        .put("required", true)
                        .putObject("content")
                        .putObject(type)
                        .putObject("schema")
                        .put("type", "object");
            }
            ObjectNode responses = made.putObject("responses");
            responses
                    .putObject(operation == Operation.CREATE ? "201" : operation == Operation.DELETE ? "204" : "200")
                    .put("description", "Done.");
            responses.putObject("default").put("$ref", "#/components/responses/Problem");
        }
    }

    private static void components(ObjectNode components) {
        ObjectNode parameters = components.putObject("parameters");
        REQUEST_HEADERS.forEach((name, description) -> parameters
                .putObject(name)
                .put("name", name)
                .put("in", "header")
                .put("description", description)
                .putObject("schema")
                .put("type", "string"));
        ObjectNode headers = components.putObject("headers");
        ANSWER_HEADERS.forEach((name, description) -> headers.putObject(name)
                .put("description", description)
                .putObject("schema")
                .put("type", "string"));
        ObjectNode responses = components.putObject("responses");
        problemResponse(responses, "Problem", "What went wrong (RFC 9457).");
        problemResponse(responses, "ConditionFailed", "The condition does not hold; `current` is the row as it is.");
    }

    private static void problemResponse(ObjectNode responses, String name, String description) {
        responses
                .putObject(name)
                .put("description", description)
                .putObject("content")
                .putObject("application/problem+json")
                .putObject("schema")
                .put("$ref", "#/components/schemas/Problem");
    }

    private static ObjectNode problem() {
        ObjectNode schema = JSON.createObjectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("type").put("type", "string").put("format", "uri");
        properties.putObject("title").put("type", "string");
        properties.putObject("status").put("type", "integer");
        properties.putObject("detail").put("type", "string");
        properties.putObject("reason").put("type", "string").put("description", "What programs decide by.");
        properties.putObject("metadata").put("type", "object");
        properties.putObject("errors").put("type", "array").putObject("items").put("type", "object");
        ObjectNode current = properties.putObject("current");
        current.put("description", "Of a condition that does not hold: the row as it is.");
        schema.putArray("required")
                .add("type")
                .add("title")
                .add("status")
                .add("detail")
                .add("reason");
        return schema;
    }
}
