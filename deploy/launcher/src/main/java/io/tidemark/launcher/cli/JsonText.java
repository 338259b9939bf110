// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.Optional;

/**
 * A JSON document as the text that it is, on one line: numbers keep their digits.
 *
 * @param line the document
 */
public record JsonText(String line) {

    /** The document that a text is; empty: it is none. */
    public static Optional<JsonText> of(String text) {
        return parse(text).map(parsed -> new JsonText(onOneLine(text)));
    }

    /** The object that a text is, with its numbers to the digit; empty: it is none. */
    public static Optional<JsonObject> object(String text) {
        return parse(text).filter(JsonElement::isJsonObject).map(JsonElement::getAsJsonObject);
    }

    /** What a text says, strictly; empty: it is no JSON. */
    static Optional<JsonElement> parse(String text) {
        if (text.isBlank()) {
            return Optional.empty();
        }
        try {
            JsonReader reader = new JsonReader(new StringReader(text));
            reader.setStrictness(Strictness.STRICT);
            JsonElement parsed = JsonParser.parseReader(reader);
            return reader.peek() == JsonToken.END_DOCUMENT ? Optional.of(parsed) : Optional.empty();
        } catch (JsonParseException | IOException | IllegalStateException e) {
            return Optional.empty();
        }
    }

    /** Within strings JSON has no line ends, so each is white space. */
    private static String onOneLine(String text) {
        return text.strip().replace('\n', ' ').replace('\r', ' ');
    }
}
