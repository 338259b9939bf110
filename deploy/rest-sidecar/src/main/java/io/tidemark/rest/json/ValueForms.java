// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.json;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.ProblemException;
import java.util.Locale;

/** The form in which a row's value stands in a document. */
public final class ValueForms {

    private ValueForms() {}

    /**
     * A row that came with bytes, in the form that was asked for. Unspecified: JSON where that is what it is, else text where the content type says
     * so, else bytes.
     *
     * @throws ProblemException if it cannot be had so
     */
    public static Row apply(Row row, ValueForm form) {
        if (!row.hasValue()) {
            return row;
        }
        return row.toBuilder().setValue(apply(row, row.getValue(), form)).build();
    }

    /** The same of what answers a write, which is settled: what cannot be had so comes as it is. */
    public static Row applyLeniently(Row row, ValueForm form) {
        try {
            return apply(row, form);
        } catch (ProblemException e) {
            return row;
        }
    }

    /** Whether it is JSON, by its media type. */
    public static boolean isJson(String contentType) {
        String type = essence(contentType);
        return type.equals("application/json") || type.endsWith("+json");
    }

    private static Value apply(Row row, Value value, ValueForm form) {
        ByteString bytes = value.hasText() ? value.getTextBytes() : value.getBytes();
        Value.Builder made = Value.newBuilder().setContentType(value.getContentType());
        return switch (form) {
            case VALUE_FORM_BYTES -> made.setBytes(bytes).build();
            case VALUE_FORM_TEXT -> {
                if (!bytes.isValidUtf8()) {
                    throw unavailable(row, "text: it is not UTF-8");
                }
                yield made.setTextBytes(bytes).build();
            }
            case VALUE_FORM_JSON -> {
                if (!isJson(bytes)) {
                    throw unavailable(row, "JSON: its bytes are not");
                }
                yield json(made, bytes);
            }
            case VALUE_FORM_UNSPECIFIED, UNRECOGNIZED -> {
                if (isJson(value.getContentType()) && isJson(bytes)) {
                    yield json(made, bytes);
                }
                boolean text = essence(value.getContentType()).startsWith("text/") && bytes.isValidUtf8();
                yield text
                        ? made.setTextBytes(bytes).build()
                        : made.setBytes(bytes).build();
            }
        };
    }

    private static Value json(Value.Builder made, ByteString bytes) {
        return made.setJson(com.google.protobuf.Value.newBuilder().setStringValueBytes(bytes))
                .build();
    }

    private static boolean isJson(ByteString bytes) {
        try {
            return bytes.isValidUtf8() && ContractJson.read(bytes.toByteArray()) != null;
        } catch (ProblemException e) {
            return false;
        }
    }

    private static String essence(String contentType) {
        int end = contentType.indexOf(';');
        return (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    private static ProblemException unavailable(Row row, String why) {
        return Problem.of(
                        406,
                        "VALUE_FORM_UNAVAILABLE",
                        "the value of " + row.getTable() + "/" + row.getKey() + " cannot be given as " + why)
                .toException();
    }
}
