// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.openapi;

import io.tidemark.rest.kv.RowWrites;
import io.tidemark.rest.resource.ResourceSpec;
import io.tidemark.rest.resource.ResourceSpec.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What each route of a resource takes and gives. */
final class ResourceOperations {

    private static final JsonMapper JSON = JsonMapper.shared();

    private static final List<String> CALLER = List.of("Tidemark-Session", "Tidemark-Timeout");
    private static final List<String> READER = List.of("Tidemark-Read", "Cache-Control");

    private ResourceOperations() {}

    /** Adds all of a resource. */
    static void add(ObjectNode paths, ResourceSpec spec) {
        for (Place place : spec.places()) {
            paths.withObjectProperty(place.template())
                    .set(place.method().name().toLowerCase(Locale.ROOT), of(spec, place));
        }
    }

    private static ObjectNode of(ResourceSpec spec, Place place) {
        ObjectNode operation = JSON.createObjectNode();
        String name = place.operation().name().toLowerCase(Locale.ROOT) + place.template();
        operation.put("operationId", name.replaceAll("[^A-Za-z0-9]+", "_").replaceAll("_$", ""));
        operation.put("summary", summary(spec, place));
        operation.putArray("tags").add(spec.path());
        ArrayNode parameters = operation.putArray("parameters");
        for (String member : place.members()) {
            parameters
                    .addObject()
                    .put("name", member)
                    .put("in", "path")
                    .put("required", true)
                    .put("description", "The member of the document that is called so.")
                    .putObject("schema")
                    .put("type", "string");
        }
        switch (place.operation()) {
            case GET -> get(operation, parameters);
            case LIST -> list(operation, parameters);
            case CREATE -> create(operation, parameters);
            case REPLACE -> replace(operation, parameters);
            case PATCH -> patch(operation, parameters);
            case DELETE -> delete(operation, parameters);
        }
        return operation;
    }

    private static String summary(ResourceSpec spec, Place place) {
        String first = spec.keyMembers().get(0);
        return switch (place.operation()) {
            case GET -> "Reads a document.";
            case LIST ->
                place.members().isEmpty() ? "Reads all documents." : "Reads all documents of one " + first + ".";
            case CREATE -> "Creates a document.";
            case REPLACE -> "Creates a document, or replaces it.";
            case PATCH -> "Changes a document.";
            case DELETE -> "Deletes a document.";
        };
    }

    private static void get(ObjectNode operation, ArrayNode parameters) {
        Shared.parameters(parameters, with(CALLER, READER, List.of("If-Match", "If-None-Match")));
        ObjectNode responses = operation.putObject("responses");
        document(Shared.response(responses, "200", "The document.", with(Shared.READ_STAMPS, List.of("ETag"))));
        Shared.response(responses, "304", "The document is the one that If-None-Match names.", List.of("ETag"));
        Shared.problems(responses, true);
    }

    private static void list(ObjectNode operation, ArrayNode parameters) {
        parameters
                .addObject()
                .put("name", "limit")
                .put("in", "query")
                .put("description", "How many at most.")
                .putObject("schema")
                .put("type", "integer")
                .put("minimum", 1)
                .put("maximum", 1000)
                .put("default", 100);
        parameters
                .addObject()
                .put("name", "page_token")
                .put("in", "query")
                .put("description", "Where to go on: it stands in the Link of the page before.")
                .putObject("schema")
                .put("type", "string");
        Shared.parameters(parameters, with(CALLER, READER));
        ObjectNode responses = operation.putObject("responses");
        Shared.content(
                        Shared.response(
                                responses, "200", "A page of documents.", with(Shared.READ_STAMPS, List.of("Link"))),
                        "application/json")
                .put("type", "array")
                .putObject("items")
                .put("type", "object");
        Shared.problems(responses, false);
    }

    private static void create(ObjectNode operation, ArrayNode parameters) {
        Shared.parameters(parameters, with(CALLER, List.of("Idempotency-Key")));
        document(operation.putObject("requestBody").put("required", true));
        ObjectNode responses = operation.putObject("responses");
        document(Shared.response(responses, "201", "It was created.", with(written(), List.of("Location"))));
        Shared.problems(responses, false);
    }

    private static void replace(ObjectNode operation, ArrayNode parameters) {
        Shared.parameters(parameters, with(CALLER, writer()));
        document(operation.putObject("requestBody").put("required", true));
        ObjectNode responses = operation.putObject("responses");
        document(Shared.response(responses, "200", "It was replaced.", written()));
        document(Shared.response(responses, "201", "It was created.", with(written(), List.of("Location"))));
        Shared.problems(responses, true);
    }

    private static void patch(ObjectNode operation, ArrayNode parameters) {
        Shared.parameters(parameters, with(CALLER, writer()));
        Shared.content(
                        operation
                                .putObject("requestBody")
                                .put("required", true)
                                .put("description", "A merge patch (RFC 7396)."),
                        RowWrites.MERGE_PATCH)
                .put("type", "object");
        ObjectNode responses = operation.putObject("responses");
        document(Shared.response(responses, "200", "The document as it is now.", written()));
        Shared.problems(responses, true);
    }

    private static void delete(ObjectNode operation, ArrayNode parameters) {
        Shared.parameters(parameters, with(CALLER, writer()));
        ObjectNode responses = operation.putObject("responses");
        Shared.response(responses, "204", "It was deleted.", Shared.STAMPS);
        Shared.problems(responses, true);
    }

    private static List<String> writer() {
        return List.of("If-Match", "If-None-Match", "Idempotency-Key");
    }

    private static List<String> written() {
        return with(Shared.STAMPS, List.of("ETag", "Tidemark-Replayed"));
    }

    private static void document(ObjectNode of) {
        Shared.content(of, "application/json").put("type", "object");
    }

    @SafeVarargs
    private static List<String> with(List<String>... all) {
        List<String> together = new ArrayList<>();
        for (List<String> some : all) {
            together.addAll(some);
        }
        return together;
    }
}
