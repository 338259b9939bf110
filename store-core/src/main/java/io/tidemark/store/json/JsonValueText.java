// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.tidemark.store.Utf8;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/**
 * The text of a {@code google.protobuf.Value}, made once, at the server's edge, before the write is proposed: the log holds
 * bytes only. No white space; members ordered by the UTF-8 bytes of their names; numbers as {@link JsonNumber} says; strings
 * escape the quotation mark, the backslash and control characters (the short form where there is one, else four lower-case
 * hexadecimal digits) and nothing else.
 */
public final class JsonValueText {

    private final StringBuilder out = new StringBuilder();

    private JsonValueText() {}

    /**
     * The text.
     *
     * @throws IllegalArgumentException if the value holds something that is no JSON: a number that is not finite, a value of
     *     no kind, more than 128 objects and arrays inside one another
     */
    public static ByteString of(Value value) {
        JsonValueText text = new JsonValueText();
        text.write(value, 0);
        return ByteString.copyFrom(text.out.toString(), StandardCharsets.UTF_8);
    }

    private void write(Value value, int depth) {
        switch (value.getKindCase()) {
            case NULL_VALUE -> out.append("null");
            case BOOL_VALUE -> out.append(value.getBoolValue());
            case NUMBER_VALUE -> writeNumber(value.getNumberValue());
            case STRING_VALUE -> writeString(value.getStringValue());
            case STRUCT_VALUE -> writeObject(value.getStructValue(), deeper(depth));
            case LIST_VALUE -> writeArray(value.getListValue().getValuesList().iterator(), deeper(depth));
            case KIND_NOT_SET -> throw new IllegalArgumentException("a value of no kind (expected: one of the six)");
        }
    }

    private static int deeper(int depth) {
        if (depth == JsonReader.DEPTH_MAX) {
            throw new IllegalArgumentException(
                    "more than " + JsonReader.DEPTH_MAX + " objects and arrays inside one another");
        }
        return depth + 1;
    }

    private void writeNumber(double number) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException("a number that is not finite (expected: a finite one)");
        }
        out.append(JsonNumber.text(number));
    }

    private void writeObject(Struct object, int depth) {
        Map<String, Value> ordered = new TreeMap<>(Utf8::compare);
        ordered.putAll(object.getFieldsMap());
        out.append('{');
        String comma = "";
        for (Map.Entry<String, Value> member : ordered.entrySet()) {
            out.append(comma);
            comma = ",";
            writeString(member.getKey());
            out.append(':');
            write(member.getValue(), depth);
        }
        out.append('}');
    }

    private void writeArray(Iterator<Value> elements, int depth) {
        out.append('[');
        String comma = "";
        while (elements.hasNext()) {
            out.append(comma);
            comma = ",";
            write(elements.next(), depth);
        }
        out.append(']');
    }

    private void writeString(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\t' -> out.append("\\t");
                case '\n' -> out.append("\\n");
                case '\f' -> out.append("\\f");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c < ' ') {
                        out.append("\\u00")
                                .append(Character.forDigit(c >> 4, 16))
                                .append(Character.forDigit(c & 15, 16));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
