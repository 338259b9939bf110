// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.wire;

import io.tidemark.client.Failure;
import io.tidemark.client.InvalidRequestException;
import io.tidemark.client.InvalidRequestException.FieldViolation;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The rules for names, checked before anything is sent: calls travel together, and one with a name that no server takes must not make
 * the others fail.
 */
public final class Names {

    private static final Pattern TABLE = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
    private static final int KEY_BYTES_MAX = 1024;

    private Names() {}

    public static String requireTable(String table) {
        if (!TABLE.matcher(table).matches()) {
            throw invalid("table", "table: '" + shortened(table) + "' (expected: [a-z][a-z0-9_-]{0,63})");
        }
        return table;
    }

    public static String requireKey(String key) {
        if (key.isEmpty()) {
            throw invalid("key", "key: '' (expected: 1 to " + KEY_BYTES_MAX + " bytes of UTF-8)");
        }
        int bytes = utf8Length(key);
        if (bytes < 0) {
            throw invalid(
                    "key", "key: '" + shortened(key) + "' holds an unpaired surrogate (expected: text that has UTF-8)");
        }
        if (bytes > KEY_BYTES_MAX) {
            throw invalid(
                    "key",
                    "key: '" + shortened(key) + "' has " + bytes + " bytes (expected: 1 to " + KEY_BYTES_MAX
                            + " bytes of UTF-8)");
        }
        return key;
    }

    /** How many bytes it has in UTF-8; negative if it has none. */
    private static int utf8Length(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                bytes++;
            } else if (c < 0x800) {
                bytes += 2;
            } else if (!Character.isSurrogate(c)) {
                bytes += 3;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else {
                return -1;
            }
        }
        return bytes;
    }

    private static String shortened(String text) {
        return text.length() <= 64 ? text : text.substring(0, 64) + "...";
    }

    private static InvalidRequestException invalid(String field, String message) {
        return new InvalidRequestException(
                new Failure(message, "INVALID_FIELD", Map.of("field", field), List.of()),
                null,
                List.of(new FieldViolation(field, message)));
    }
}
