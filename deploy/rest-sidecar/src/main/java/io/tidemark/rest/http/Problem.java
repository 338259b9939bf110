// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.http;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/**
 * An error as HTTP users get it (RFC 9457).
 *
 * @param status the HTTP status
 * @param reason what programs decide by: one of the contract's reasons, or the sidecar's own
 * @param detail what happened, to which thing, and what to do: for people
 * @param metadata every value that the detail mentions
 * @param errors the parts of the request that are wrong
 * @param retryAfter when to try again; null: that is not told
 * @param members further members, as JSON text
 */
public record Problem(
        int status,
        String reason,
        String detail,
        Map<String, String> metadata,
        List<FieldError> errors,
        @Nullable Duration retryAfter,
        Map<String, String> members) {

    /** What every problem's type begins with. */
    public static final String TYPE_PREFIX = "urn:tidemark:problem:";

    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * A part of a request that is wrong.
     *
     * @param field its path in the message, or the name of a header or parameter
     */
    public record FieldError(String field, String description) {}

    public Problem {
        metadata = Map.copyOf(metadata);
        errors = List.copyOf(errors);
    }

    public static Problem of(int status, String reason, String detail) {
        return new Problem(status, reason, detail, Map.of(), List.of(), null, Map.of());
    }

    /** A request that breaks a rule. */
    public static Problem invalid(String field, String detail) {
        return new Problem(
                400,
                "INVALID_FIELD",
                detail,
                Map.of("field", field),
                List.of(new FieldError(field, detail)),
                null,
                Map.of());
    }

    public Problem withStatus(int other) {
        return new Problem(other, reason, detail, metadata, errors, retryAfter, members);
    }

    /** With more to say before the rest. */
    public Problem because(String why) {
        return new Problem(status, reason, why + "; " + detail, metadata, errors, retryAfter, members);
    }

    public Problem withRetryAfter(Duration delay) {
        return new Problem(status, reason, detail, metadata, errors, delay, members);
    }

    /** With one more member. */
    public Problem with(String member, String json) {
        Map<String, String> all = new LinkedHashMap<>(members);
        all.put(member, json);
        return new Problem(status, reason, detail, metadata, errors, retryAfter, all);
    }

    public ProblemException toException() {
        return new ProblemException(this);
    }

    /** Names the kind of problem. */
    public String type() {
        return TYPE_PREFIX + reason.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** {@code TOO_STALE} is "Too stale". */
    public String title() {
        String words = reason.toLowerCase(Locale.ROOT).replace('_', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    public String toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.put("type", type()).put("title", title()).put("status", status).put("detail", detail);
        json.put("reason", reason);
        if (!metadata.isEmpty()) {
            ObjectNode values = json.putObject("metadata");
            metadata.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(entry -> values.put(entry.getKey(), entry.getValue()));
        }
        if (!errors.isEmpty()) {
            ArrayNode list = json.putArray("errors");
            errors.forEach(
                    error -> list.addObject().put("field", error.field()).put("description", error.description()));
        }
        members.forEach((name, text) -> json.putRawValue(name, new RawValue(text)));
        return JSON.writeValueAsString(json);
    }
}
