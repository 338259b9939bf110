// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a request is for, taken from the very text that was sent: HTTP servers and proxies mend paths on the way ({@code //}, {@code .},
 * {@code ;}), and a mended path names another row. What would be mended is refused instead.
 *
 * @param path before the query, as sent
 * @param segments of the path, decoded
 * @param endsWithSlash whether an empty segment stands behind them
 * @param query parameters in their order, decoded
 */
public record Target(String path, List<String> segments, boolean endsWithSlash, Map<String, List<String>> query) {

    private static final String ROW_HINT =
            "; a key that a path cannot carry goes into a parameter: /v1/tables/{table}/row?key=...";

    /**
     * Takes it apart.
     *
     * @throws ProblemException if it is not one thing only
     */
    public static Target parse(String raw) {
        if (!isVisibleAscii(raw)) {
            throw bad("path", "path: it has characters that are not ASCII (expected: percent-encoded UTF-8)");
        }
        String text = raw.startsWith("/") ? raw : withoutAuthority(raw);
        int end = text.indexOf('?');
        String path = end < 0 ? text : text.substring(0, end);
        List<String> segments = new ArrayList<>();
        String[] parts = path.substring(1).split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            if (!parts[i].isEmpty()) {
                String segment = decode(parts[i], false, "path");
                if (segment.equals(".") || segment.equals("..")) {
                    throw bad("path", "path: a segment is '" + segment + "'" + ROW_HINT);
                }
                segments.add(segment);
            } else if (i < parts.length - 1) {
                throw bad("path", "path: it has an empty segment ('//')" + ROW_HINT);
            }
        }
        boolean endsWithSlash = parts[parts.length - 1].isEmpty() && !segments.isEmpty();
        return new Target(path, segments, endsWithSlash, end < 0 ? Map.of() : query(text.substring(end + 1)));
    }

    private static boolean isVisibleAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) <= ' ' || text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    private static String withoutAuthority(String raw) {
        int scheme = raw.indexOf("://");
        int slash = scheme < 0 ? -1 : raw.indexOf('/', scheme + 3);
        int query = raw.indexOf('?');
        if (slash < 0 || (query >= 0 && query < slash)) {
            throw bad("path", "path: it does not begin with / (expected: /v1/...)");
        }
        return raw.substring(slash);
    }

    private static Map<String, List<String>> query(String text) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        for (String part : text.split("&", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            String name = decode(equals < 0 ? part : part.substring(0, equals), true, "query");
            String value = equals < 0 ? "" : decode(part.substring(equals + 1), true, "query");
            parameters.computeIfAbsent(name, unused -> new ArrayList<>()).add(value);
        }
        return parameters;
    }

    /** Percent-decoding that takes nothing but UTF-8. */
    private static String decode(String text, boolean plusIsSpace, String where) {
        if (text.indexOf('%') < 0 && (!plusIsSpace || text.indexOf('+') < 0)) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    throw bad(where, where + ": '%' is not followed by two hexadecimal digits");
                }
                bytes.write(high << 4 | low);
                i += 2;
            } else {
                byte[] encoded =
                        String.valueOf(c == '+' && plusIsSpace ? ' ' : c).getBytes(StandardCharsets.UTF_8);
                bytes.write(encoded, 0, encoded.length);
            }
        }
        return utf8(bytes.toByteArray(), where);
    }

    /**
     * Text of bytes.
     *
     * @throws ProblemException if they are not UTF-8
     */
    public static String utf8(byte[] bytes, String where) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw bad(where, where + ": it is not UTF-8");
        }
    }

    private static ProblemException bad(String field, String detail) {
        return Problem.invalid(field, detail).toException();
    }
}
