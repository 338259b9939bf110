// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.openapi;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What many routes take and give: headers, and problems. */
final class Shared {

    /** What every answer that is as of an index says of itself. */
    static final List<String> STAMPS = List.of("Tidemark-Index", "Tidemark-Session", "Tidemark-Served-By");

    /** What every read says beside. */
    static final List<String> READ_STAMPS = List.of(
            "Tidemark-Index",
            "Tidemark-Session",
            "Tidemark-Served-By",
            "Tidemark-Staleness-Ms",
            "Age",
            "Tidemark-Unmet",
            "Cache-Control");

    private static final JsonMapper JSON = JsonMapper.shared();

    private static final Map<String, String> REQUEST_HEADERS = Map.ofEntries(
            Map.entry(
                    "Tidemark-Session",
                    "What the caller has seen: tokens of answers, up to 16, with commas between. Reads see at least that."),
            Map.entry("Tidemark-Timeout", "How long the call may take, as in `250ms`."),
            Map.entry(
                    "Tidemark-Read",
                    "How fresh a read must be: some of `linearizable`, `eventual`, `max-staleness=250ms`, `max-lag=10`,"
                            + " `min-index=5`, `history=...`, `as-of=5`, `as-of-time=2026-01-02T03:04:05Z`, `max-wait=100ms`,"
                            + " `serve-unmet`."),
            Map.entry("Cache-Control", "`no-cache`: the newest state. `max-age=N`: at most N seconds stale."),
            Map.entry("If-Match", "Only if the row is the one that this ETag names; `*`: only if there is one."),
            Map.entry(
                    "If-None-Match",
                    "Of a read: 304 if the row is the one that this ETag names. Of a write, `*`: only if there is none."),
            Map.entry(
                    "Idempotency-Key",
                    "Names the write, so that it happens once however often it is sent: 1 to 64 of A-Z, a-z, 0-9, `.`, `_`"
                            + " and `-`."),
            Map.entry("Last-Event-ID", "Where to go on: the id of the last event."));

    private static final Map<String, String> ANSWER_HEADERS = Map.ofEntries(
            Map.entry("ETag", "Names the row as it is: history and index of its last change."),
            Map.entry("Age", "How stale the answer is at most, in seconds, rounded up. Absent: not known."),
            Map.entry("Tidemark-Staleness-Ms", "How stale the answer is at most, in milliseconds. Absent: not known."),
            Map.entry("Tidemark-Index", "The index that the answer is as of; of a write, its commit."),
            Map.entry("Tidemark-Session", "What the caller has seen by now, for its next request."),
            Map.entry("Tidemark-Served-By", "Which server answered."),
            Map.entry(
                    "Tidemark-Unmet",
                    "Which part of `Tidemark-Read` is missing, where it says `serve-unmet`, and why."),
            Map.entry("Cache-Control", "For how long caches may give the answer to others: `no-store`: not at all."),
            Map.entry("Tidemark-Reason", "The problem's `reason`, for those who see no body."),
            Map.entry("Tidemark-Replayed", "`true`: an earlier attempt had written already."),
            Map.entry("Tidemark-Deleted-Rows", "How many rows the delete found: 0 or 1."),
            Map.entry("Location", "The path of the new document."),
            Map.entry("Link", "`<...>; rel=\"next\"`: the next page. Absent: this is the last one."),
            Map.entry("Retry-After", "In how many seconds to try again, where that may help."));

    private Shared() {}

    /** Parameters that are headers. */
    static void parameters(ArrayNode parameters, List<String> names) {
        names.forEach(name -> parameters.addObject().put("$ref", "#/components/parameters/" + name));
    }

    /** An answer, with these headers. */
    static ObjectNode response(ObjectNode responses, String status, String description, List<String> headers) {
        ObjectNode response = responses.putObject(status).put("description", description);
        if (!headers.isEmpty()) {
            ObjectNode all = response.putObject("headers");
            headers.forEach(name -> all.putObject(name).put("$ref", "#/components/headers/" + name));
        }
        return response;
    }

    /** The schema of what a request or an answer holds, if it is of this media type. */
    static ObjectNode content(ObjectNode of, String mediaType) {
        return of.withObjectProperty("content").putObject(mediaType).putObject("schema");
    }

    /** Whatever else an answer may be. */
    static void problems(ObjectNode responses, boolean conditional) {
        if (conditional) {
            responses.putObject("412").put("$ref", "#/components/responses/ConditionFailed");
        }
        responses.putObject("4XX").put("$ref", "#/components/responses/Refused");
        responses.putObject("5XX").put("$ref", "#/components/responses/Failed");
    }

    /** What the others refer to. */
    static ObjectNode components() {
        ObjectNode components = JSON.createObjectNode();
        ObjectNode parameters = components.putObject("parameters");
        sorted(REQUEST_HEADERS)
                .forEach(name -> parameters
                        .putObject(name)
                        .put("name", name)
                        .put("in", "header")
                        .put("description", REQUEST_HEADERS.get(name))
                        .putObject("schema")
                        .put("type", "string"));
        ObjectNode headers = components.putObject("headers");
        sorted(ANSWER_HEADERS)
                .forEach(name -> headers.putObject(name)
                        .put("description", ANSWER_HEADERS.get(name))
                        .putObject("schema")
                        .put("type", "string"));
        ObjectNode responses = components.putObject("responses");
        List<String> later = List.of("Tidemark-Reason", "Retry-After");
        problem(responses, "Refused", "The request cannot be met as it is; `reason` says why (RFC 9457).", later);
        problem(responses, "Failed", "It may be met later, or nobody knows; `reason` says which (RFC 9457).", later);
        problem(
                responses,
                "ConditionFailed",
                "The condition does not hold; `current` is the row as it is.",
                List.of("ETag", "Tidemark-Index", "Tidemark-Session", "Tidemark-Reason"));
        return components;
    }

    /** Every error. */
    static ObjectNode problemSchema() {
        ObjectNode schema = JSON.createObjectNode().put("type", "object");
        schema.put("description", "What went wrong (RFC 9457).");
        ObjectNode properties = schema.putObject("properties");
        properties
                .putObject("type")
                .put("type", "string")
                .put("format", "uri")
                .put("description", "`urn:tidemark:problem:` and the reason.");
        properties.putObject("title").put("type", "string");
        properties.putObject("status").put("type", "integer");
        properties.putObject("detail").put("type", "string").put("description", "For people.");
        properties.putObject("reason").put("type", "string").put("description", "What programs decide by.");
        properties
                .putObject("metadata")
                .put("type", "object")
                .put("description", "The values that the detail mentions.")
                .putObject("additionalProperties")
                .put("type", "string");
        ObjectNode error = properties
                .putObject("errors")
                .put("type", "array")
                .put("description", "The parts of the request that are wrong.")
                .putObject("items")
                .put("type", "object");
        error.putObject("properties").putObject("field").put("type", "string");
        error.withObjectProperty("properties").putObject("description").put("type", "string");
        properties
                .putObject("current")
                .put("description", "Of a condition that does not hold: the row as it is; null: there is none.");
        schema.putArray("required")
                .add("type")
                .add("title")
                .add("status")
                .add("detail")
                .add("reason");
        return schema;
    }

    private static void problem(ObjectNode responses, String name, String description, List<String> headers) {
        content(response(responses, name, description, headers), "application/problem+json")
                .put("$ref", "#/components/schemas/Problem");
    }

    private static List<String> sorted(Map<String, String> described) {
        return described.keySet().stream().sorted().toList();
    }
}
