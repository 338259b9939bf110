// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.json;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a document of RFC 8259, strictly: valid UTF-8, no byte order mark, white space only where the RFC has it, at most
 * {@link #DEPTH_MAX} objects and arrays inside one another. Numbers are of any size and precision. Unpaired surrogates may
 * stand as escapes. Duplicate names are JSON; what they mean is said by {@link MergePatch}.
 */
final class JsonReader {

    static final int DEPTH_MAX = 128;

    private final byte[] text;
    private int at;

    private JsonReader(byte[] text) {
        this.text = text;
    }

    static JsonNode read(byte[] text) throws NotJsonException {
        if (!ByteString.copyFrom(text).isValidUtf8()) {
            throw new NotJsonException("no UTF-8", 0);
        }
        JsonReader reader = new JsonReader(text);
        reader.skipSpace();
        JsonNode node = reader.value(0);
        reader.skipSpace();
        if (reader.at != text.length) {
            throw reader.unexpected("end of document");
        }
        return node;
    }

    private JsonNode value(int depth) throws NotJsonException {
        int start = at;
        switch (peek()) {
            case '{' -> {
                return members(depth);
            }
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> {
                literal("null");
                return new JsonNode.Leaf(start, at, true);
            }
            default -> number();
        }
        return new JsonNode.Leaf(start, at, false);
    }

    private JsonNode members(int depth) throws NotJsonException {
        int start = at;
        enter(depth);
        int segmentStart = at;
        List<JsonNode.Member> members = new ArrayList<>();
        skipSpace();
        if (peek() == '}') {
            at++;
            return new JsonNode.Members(start, at, List.of());
        }
        while (true) {
            skipSpace();
            int nameStart = at;
            String name = string();
            int nameEnd = at;
            skipSpace();
            expect(':');
            skipSpace();
            JsonNode value = value(depth + 1);
            skipSpace();
            members.add(new JsonNode.Member(name, segmentStart, nameStart, nameEnd, value, at));
            if (peek() == '}') {
                at++;
                return new JsonNode.Members(start, at, members);
            }
            expect(',');
            segmentStart = at;
        }
    }

    private void array(int depth) throws NotJsonException {
        enter(depth);
        skipSpace();
        if (peek() == ']') {
            at++;
            return;
        }
        while (true) {
            skipSpace();
            value(depth + 1);
            skipSpace();
            if (peek() == ']') {
                at++;
                return;
            }
            expect(',');
        }
    }

    private void enter(int depth) throws NotJsonException {
        if (depth == DEPTH_MAX) {
            throw new NotJsonException("more than " + DEPTH_MAX + " objects and arrays inside one another", at);
        }
        at++;
    }

    private String string() throws NotJsonException {
        expect('"');
        int start = at;
        boolean escaped = false;
        while (peek() != '"') {
            if (peek() >= 0 && peek() < ' ') {
                throw unexpected("escaped control character");
            }
            if (peek() == '\\') {
                escaped = true;
                at++;
                escape();
            } else {
                at++;
            }
        }
        String raw = new String(text, start, at - start, StandardCharsets.UTF_8);
        at++;
        return escaped ? unescape(raw) : raw;
    }

    private void escape() throws NotJsonException {
        if (peek() == 'u') {
            at++;
            for (int i = 0; i < 4; i++) {
                if (Character.digit(peek(), 16) < 0) {
                    throw unexpected("hexadecimal digit");
                }
                at++;
            }
        } else if ("\"\\/bfnrt".indexOf(peek()) >= 0) {
            at++;
        } else {
            throw unexpected("escape");
        }
    }

    static String unescape(String raw) {
        StringBuilder out = new StringBuilder(raw.length());
        int i = 0;
        while (i < raw.length()) {
            char c = raw.charAt(i++);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escape = raw.charAt(i++);
            switch (escape) {
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'u' -> {
                    out.append((char) Integer.parseInt(raw.substring(i, i + 4), 16));
                    i += 4;
                }
                default -> out.append(escape);
            }
        }
        return out.toString();
    }

    private void number() throws NotJsonException {
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (at < text.length && text[at] == '.') {
            at++;
            digits();
        }
        if (at < text.length && (text[at] == 'e' || text[at] == 'E')) {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
    }

    private void digits() throws NotJsonException {
        if (peek() < '0' || peek() > '9') {
            throw unexpected("JSON value");
        }
        while (at < text.length && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
    }

    private void literal(String word) throws NotJsonException {
        for (int i = 0; i < word.length(); i++) {
            expect(word.charAt(i));
        }
    }

    private void skipSpace() {
        while (at < text.length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) {
            at++;
        }
    }

    private int peek() throws NotJsonException {
        if (at == text.length) {
            throw new NotJsonException("the document ends too early", at);
        }
        return text[at];
    }

    private void expect(char c) throws NotJsonException {
        if (peek() != c) {
            throw unexpected("'" + c + "'");
        }
        at++;
    }

    private NotJsonException unexpected(String expected) {
        return new NotJsonException("expected: " + expected, at);
    }
}
