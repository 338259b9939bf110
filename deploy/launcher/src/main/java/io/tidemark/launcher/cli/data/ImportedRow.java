// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.tidemark.launcher.cli.JsonText;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A row as a line of JSON says it. */
final class ImportedRow {

    private static final List<String> VALUES = List.of("text", "json", "bytes");
    private static final Set<String> KNOWN = Set.of(
            "table",
            "key",
            "text",
            "json",
            "bytes",
            "content_type",
            "expire_time",
            // What a row has that was read, and gets anew when it is written.
            "version",
            "created_index",
            "modified_index",
            "modified_time");

    private final String table;
    private final String key;
    private final byte[] value;
    private final String contentType;
    private final @Nullable Instant expireTime;

    private ImportedRow(String table, String key, byte[] value, String contentType, @Nullable Instant expireTime) {
        this.table = table;
        this.key = key;
        this.value = value;
        this.contentType = contentType;
        this.expireTime = expireTime;
    }

    /**
     * Reads one.
     *
     * @param into the table to write it to; null: the one that it names
     * @throws IllegalArgumentException if it is none; the message says what is wrong
     */
    static ImportedRow parse(String line, @Nullable String into) {
        JsonObject object = JsonText.object(line)
                .orElseThrow(() ->
                        new IllegalArgumentException("no JSON object (expected: one with table, key and a value)"));
        for (String name : object.keySet()) {
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException(
                        "'" + name + "' is not known (expected: table, key, one of text, json and bytes,"
                                + " content_type, expire_time)");
            }
        }
        List<String> given = VALUES.stream().filter(object::has).toList();
        if (given.size() != 1) {
            throw new IllegalArgumentException("values: " + given + " (expected: one of text, json and bytes)");
        }
        String contentType = object.has("content_type") ? text(object, "content_type") : usual(given.get(0));
        return new ImportedRow(
                into == null ? text(object, "table") : into,
                text(object, "key"),
                value(object, given.get(0)),
                contentType,
                object.has("expire_time") ? time(text(object, "expire_time")) : null);
    }

    private static byte[] value(JsonObject object, String form) {
        if (form.equals("json")) {
            return object.get("json").toString().getBytes(StandardCharsets.UTF_8);
        }
        String text = text(object, form);
        if (form.equals("text")) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("bytes: not base64 (" + e.getMessage() + ")", e);
        }
    }

    private static String usual(String form) {
        return switch (form) {
            case "json" -> "application/json";
            case "text" -> "text/plain";
            default -> "application/octet-stream";
        };
    }

    private static String text(JsonObject object, String name) {
        JsonElement element = object.get(name);
        if (element == null
                || !element.isJsonPrimitive()
                || !element.getAsJsonPrimitive().isString()) {
            throw new IllegalArgumentException(
                    name + ": " + (element == null ? "missing" : element) + " (expected: a string)");
        }
        return element.getAsString();
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "expire_time: '" + text + "' (expected: such as 2026-12-31T23:00:00Z)", e);
        }
    }

    String table() {
        return table;
    }

    String key() {
        return key;
    }

    /** Nobody may change them. */
    byte[] value() {
        return value;
    }

    String contentType() {
        return contentType;
    }

    /** Null: as its table says. */
    @Nullable Instant expireTime() {
        return expireTime;
    }
}
