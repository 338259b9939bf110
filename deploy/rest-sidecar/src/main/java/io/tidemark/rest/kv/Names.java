// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.rest.http.Problem;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * The rules for names, checked before anything is sent: reads travel together, and one with a name that no server takes must not make
 * the others fail.
 */
final class Names {

    private static final Pattern TABLE = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
    private static final int KEY_BYTES_MAX = 1024;

    private Names() {}

    static GetRequest checked(GetRequest request) {
        check(request.getTable(), request.getKey());
        return request;
    }

    static void check(RowKey row) {
        check(row.getTable(), row.getKey());
    }

    static void check(String table, String key) {
        table(table);
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > KEY_BYTES_MAX) {
            throw Problem.invalid(
                            "key", "key: " + bytes + " bytes (expected: 1 to " + KEY_BYTES_MAX + " bytes of UTF-8)")
                    .toException();
        }
    }

    static void table(String table) {
        if (!TABLE.matcher(table).matches()) {
            String shown = table.length() <= 64 ? table : table.substring(0, 64) + "...";
            throw Problem.invalid("table", "table: '" + shown + "' (expected: [a-z][a-z0-9_-]{0,63})")
                    .toException();
        }
    }
}
