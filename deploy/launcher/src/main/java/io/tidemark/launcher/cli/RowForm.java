// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import io.tidemark.client.Row;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row as it is printed, exported and imported: its value stands under {@code json}, {@code text} or {@code bytes} (in base64), whichever
 * says it best.
 */
public final class RowForm {

    private static final int SHOWN_CHARS = 100;

    private RowForm() {}

    /** All of it, a JSON value as a part of the document. */
    public static Fields fields(Row<byte[]> row) {
        return Fields.of()
                .with("table", row.table())
                .with("key", row.key())
                .withAll(value(row))
                .withAll(metadata(row));
    }

    /** What another store needs to have the same row, the value to the letter. */
    public static Fields export(Row<byte[]> row) {
        return Fields.of()
                .with("table", row.table())
                .with("key", row.key())
                .withAll(exact(row.value()))
                .with("content_type", row.contentType())
                .with("expire_time", row.expireTime());
    }

    private static Fields metadata(Row<byte[]> row) {
        return Fields.of()
                .withText("content_type", row.contentType())
                .with("version", row.version())
                .with("created_index", row.createdIndex())
                .with("modified_index", row.modifiedIndex())
                .with("modified_time", row.modifiedTime())
                .with("expire_time", row.expireTime());
    }

    private static Fields value(Row<byte[]> row) {
        byte[] value = row.value();
        if (value == null) {
            return Fields.of();
        }
        if (isJson(row.contentType())) {
            Optional<JsonText> json = text(value).flatMap(JsonText::of);
            if (json.isPresent()) {
                return Fields.of().with("json", json.get());
            }
        }
        return exact(value);
    }

    private static Fields exact(byte @Nullable [] value) {
        if (value == null) {
            return Fields.of();
        }
        Optional<String> text = text(value);
        return text.isPresent()
                ? Fields.of().with("text", text.get())
                : Fields.of().with("bytes", Base64.getEncoder().encodeToString(value));
    }

    private static boolean isJson(String contentType) {
        return contentType.startsWith("application/json") || contentType.endsWith("+json");
    }

    /** The text that bytes are in UTF-8; empty: they are none. */
    public static Optional<String> text(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** As much of the value as fits a line. */
    public static String shown(Row<byte[]> row) {
        byte[] value = row.value();
        if (value == null) {
            return "";
        }
        Optional<String> text = text(value);
        if (text.isEmpty()
                || text.get().chars().anyMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t')) {
            return "(" + Quantities.bytes(value.length) + " of " + row.contentType() + ")";
        }
        String line = text.get().replaceAll("[\\r\\n\\t]+", " ");
        return line.codePointCount(0, line.length()) <= SHOWN_CHARS
                ? line
                : line.substring(0, line.offsetByCodePoints(0, SHOWN_CHARS)) + "...";
    }
}
