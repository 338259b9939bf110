// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.tidemark.store.Utf8;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/**
 * A document as {@code google.protobuf.Value}: the way back from {@link JsonValueText}. Refuses what that form cannot hold
 * rather than give something else: numbers that no double holds, names and strings without a UTF-8 form. Of duplicate names the
 * last counts.
 */
public final class JsonTextValue {

    /**
     * Readers of protobuf take 100 messages inside one another unless told otherwise, and an answer has some around the value.
     * An object is three of them, an array two.
     */
    private static final int MESSAGES_MAX = 90;

    /** More significant digits than a double that is written out in full has. */
    private static final int DIGITS_MAX = 800;

    private final byte[] text;
    private int at;

    private JsonTextValue(byte[] text) {
        this.text = text;
    }

    /** The value of a document. */
    public static Value of(ByteString document) throws NotJsonException {
        byte[] text = document.toByteArray();
        // From here on every byte is known to be where the grammar wants it.
        JsonNode unused = JsonReader.read(text);
        JsonTextValue reader = new JsonTextValue(text);
        reader.skipSpace();
        return reader.value(1);
    }

    private Value value(int messages) throws NotJsonException {
        if (messages > MESSAGES_MAX) {
            throw new NotJsonException("too many objects and arrays inside one another for a JSON value", at);
        }
        Value.Builder value = Value.newBuilder();
        switch (text[at]) {
            case '{' -> value.setStructValue(object(messages + 2));
            case '[' -> value.setListValue(array(messages + 1));
            case '"' -> value.setStringValue(string());
            case 't' -> {
                at += "true".length();
                value.setBoolValue(true);
            }
            case 'f' -> {
                at += "false".length();
                value.setBoolValue(false);
            }
            case 'n' -> {
                at += "null".length();
                value.setNullValue(NullValue.NULL_VALUE);
            }
            default -> value.setNumberValue(number());
        }
        return value.build();
    }

    private Struct object(int messages) throws NotJsonException {
        Struct.Builder object = Struct.newBuilder();
        while (next('}')) {
            String name = string();
            skipSpace();
            // The colon.
            at++;
            skipSpace();
            object.putFields(name, value(messages + 1));
        }
        return object.build();
    }

    private ListValue array(int messages) throws NotJsonException {
        ListValue.Builder array = ListValue.newBuilder();
        while (next(']')) {
            array.addValues(value(messages + 1));
        }
        return array.build();
    }

    /** Steps over an opening bracket or a comma; false if the closing one is there, which it steps over too. */
    private boolean next(char closing) {
        skipSpace();
        if (text[at] != closing) {
            at++;
            skipSpace();
        }
        if (text[at] != closing) {
            return true;
        }
        at++;
        return false;
    }

    private String string() throws NotJsonException {
        int start = ++at;
        boolean escaped = false;
        while (text[at] != '"') {
            if (text[at] == '\\') {
                escaped = true;
                at++;
            }
            at++;
        }
        String raw = new String(text, start, at - start, StandardCharsets.UTF_8);
        at++;
        String string = escaped ? JsonReader.unescape(raw) : raw;
        if (Utf8.length(string) < 0) {
            throw new NotJsonException("a string with an unpaired surrogate, which has no UTF-8 form", start);
        }
        return string;
    }

    private double number() throws NotJsonException {
        int start = at;
        int digits = 0;
        boolean mantissa = true;
        while (at < text.length && "+-.eE0123456789".indexOf(text[at]) >= 0) {
            mantissa &= text[at] != 'e' && text[at] != 'E';
            digits += mantissa ? 1 : 0;
            at++;
        }
        String number = new String(text, start, at - start, StandardCharsets.US_ASCII);
        if (digits > DIGITS_MAX || !isHeldBy(Double.parseDouble(number), number)) {
            throw new NotJsonException("a number that a double cannot hold", start);
        }
        return Double.parseDouble(number);
    }

    /** Whether the double is that number: to the last digit, or in the shortest digits that name the double. */
    private static boolean isHeldBy(double number, String text) {
        if (!Double.isFinite(number)) {
            return false;
        }
        try {
            BigDecimal exact = new BigDecimal(text);
            return exact.compareTo(new BigDecimal(JsonNumber.text(number))) == 0
                    || exact.compareTo(new BigDecimal(number)) == 0;
        } catch (NumberFormatException e) {
            // An exponent beyond what BigDecimal takes.
            return false;
        }
    }

    private void skipSpace() {
        while (at < text.length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) {
            at++;
        }
    }
}
