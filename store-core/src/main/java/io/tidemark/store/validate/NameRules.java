// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.validate;

import io.tidemark.proto.v1.KeyRange;
import io.tidemark.store.Refusal;
import io.tidemark.store.Utf8;

/** What names may look like: tables, keys, ranges of keys, request ids. */
public final class NameRules {

    public static final int KEY_BYTES_MAX = 1024;
    public static final int TABLE_LENGTH_MAX = 64;
    public static final int REQUEST_ID_LENGTH_MAX = 64;

    private NameRules() {}

    /** Throws unless it is {@code [a-z][a-z0-9_-]{0,63}}. */
    public static void requireTable(String field, String table) {
        Violations violations = new Violations();
        checkTable(violations, field, table);
        violations.throwIfAny();
    }

    /** Throws unless it is 1 to 64 characters of {@code [A-Za-z0-9._-]}. */
    public static void requireRequestId(String field, String requestId) {
        if (!isRequestId(requestId)) {
            throw Refusal.ofField(field, "expected: 1 to 64 characters of A-Z, a-z, 0-9, '.', '_' and '-'")
                    .toException();
        }
    }

    /** Throws unless it is 1 to 1024 bytes of UTF-8. */
    public static void requireKey(String field, String key) {
        Violations violations = new Violations();
        checkKey(violations, field, key);
        violations.throwIfAny();
    }

    /** Throws unless the bounds can be bounds and are given in one way only. */
    public static void requireRange(String field, KeyRange range) {
        Violations violations = new Violations();
        checkRange(violations, field, range);
        violations.throwIfAny();
    }

    static boolean isTable(String table) {
        boolean valid = !table.isEmpty() && table.length() <= TABLE_LENGTH_MAX && isLower(table.charAt(0));
        for (int i = 1; valid && i < table.length(); i++) {
            char c = table.charAt(i);
            valid = isLower(c) || isDigit(c) || c == '_' || c == '-';
        }
        return valid;
    }

    static boolean isKey(String key) {
        int bytes = Utf8.length(key);
        return bytes > 0 && bytes <= KEY_BYTES_MAX;
    }

    static void checkTable(Violations violations, String field, String table) {
        if (!isTable(table)) {
            violations.add(field, "expected: a table name, [a-z][a-z0-9_-]{0,63}");
        }
    }

    static void checkKey(Violations violations, String field, String key) {
        if (key.isEmpty()) {
            violations.add(field, "expected: a key of 1 to " + KEY_BYTES_MAX + " bytes");
        } else {
            checkBound(violations, field, key);
        }
    }

    static void checkRange(Violations violations, String field, KeyRange range) {
        if (range.hasPrefix() && (range.hasStart() || range.hasEnd())) {
            violations.add(field + ".prefix", "expected: no start and no end beside a prefix");
        }
        checkBound(violations, field + ".start", range.getStart());
        checkBound(violations, field + ".end", range.getEnd());
        checkBound(violations, field + ".prefix", range.getPrefix());
    }

    private static void checkBound(Violations violations, String field, String key) {
        int bytes = Utf8.length(key);
        if (bytes < 0) {
            violations.add(field, "expected: UTF-8, so no unpaired surrogate");
        } else if (bytes > KEY_BYTES_MAX) {
            violations.add(field, "expected: at most " + KEY_BYTES_MAX + " bytes, not " + bytes);
        }
    }

    private static boolean isRequestId(String id) {
        boolean valid = !id.isEmpty() && id.length() <= REQUEST_ID_LENGTH_MAX;
        for (int i = 0; valid && i < id.length(); i++) {
            valid = isNameCharacter(id.charAt(i));
        }
        return valid;
    }

    static boolean isNameCharacter(char c) {
        return isLower(c) || isDigit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
    }

    static boolean isLower(char c) {
        return c >= 'a' && c <= 'z';
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
