// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import com.google.gson.FormattingStyle;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Writes what {@link Fields} collected as JSON. */
public final class Json {

    private Json() {}

    /** On as many lines as are good to read. */
    public static String pretty(Object data) {
        return write(data, FormattingStyle.PRETTY);
    }

    /** On one line. */
    public static String line(Object data) {
        return write(data, FormattingStyle.COMPACT);
    }

    private static String write(Object data, FormattingStyle style) {
        StringWriter text = new StringWriter();
        JsonWriter writer = new JsonWriter(text);
        writer.setFormattingStyle(style);
        writer.setHtmlSafe(false);
        try {
            write(data, writer);
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("a string cannot be written", e);
        }
        return text.toString();
    }

    private static void write(Object data, JsonWriter writer) throws IOException {
        if (data instanceof Map<?, ?> map) {
            writer.beginObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                writer.name(String.valueOf(entry.getKey()));
                write(entry.getValue(), writer);
            }
            writer.endObject();
        } else if (data instanceof List<?> list) {
            writer.beginArray();
            for (Object element : list) {
                write(element, writer);
            }
            writer.endArray();
        } else if (data instanceof JsonText json) {
            writer.jsonValue(json.line());
        } else if (data instanceof Number number) {
            writer.value(number);
        } else if (data instanceof Boolean truth) {
            writer.value(truth);
        } else {
            writer.value(String.valueOf(data));
        }
    }
}
