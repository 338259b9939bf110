// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import com.google.protobuf.ByteString;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.json.JsonTextValue;
import io.tidemark.store.json.NotJsonException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Rows as the contract gives them. The bytes of a value are those of the store, not a copy. */
public final class RowForms {

    private RowForms() {}

    /**
     * A row in the form that a read asked for.
     *
     * @throws io.grpc.StatusRuntimeException VALUE_FORM_UNAVAILABLE
     */
    public static Row row(RowName name, StoredRow row, ValueForm form, RowView view) {
        Row.Builder answer = metadata(name, row);
        if (view != RowView.ROW_VIEW_METADATA) {
            answer.setValue(value(name, row, form));
        }
        return answer.build();
    }

    /** A row without its value. */
    public static Row.Builder metadata(RowName name, StoredRow row) {
        Row.Builder answer = Row.newBuilder()
                .setTable(name.table())
                .setKey(name.key())
                .setVersion(row.version())
                .setCreatedIndex(row.createdIndex())
                .setModifiedIndex(row.modifiedIndex())
                .setModifiedTime(row.modifiedTime().toTimestamp());
        LogTime expireTime = row.expireTime();
        if (expireTime != null) {
            answer.setExpireTime(expireTime.toTimestamp());
        }
        return answer;
    }

    private static Value value(RowName name, StoredRow row, ValueForm form) {
        Value.Builder value = Value.newBuilder().setContentType(row.contentType());
        String problem = give(value, row.value(), row.contentType(), form);
        if (problem != null) {
            throw unavailable(name, form, problem);
        }
        return value.build();
    }

    /** For what answers a write, which is settled by then: as bytes where the form cannot be given. */
    public static Value formOrBytes(ByteString bytes, String contentType, ValueForm form) {
        Value.Builder value = Value.newBuilder().setContentType(contentType);
        if (give(value, bytes, contentType, form) != null) {
            value.setBytes(bytes);
        }
        return value.build();
    }

    /** Why it cannot be given so; null: it is. */
    private static @Nullable String give(Value.Builder value, ByteString bytes, String contentType, ValueForm form) {
        switch (form) {
            case VALUE_FORM_BYTES -> value.setBytes(bytes);
            case VALUE_FORM_JSON -> {
                try {
                    value.setJson(JsonTextValue.of(bytes));
                } catch (NotJsonException e) {
                    return String.valueOf(e.getMessage());
                }
            }
            case VALUE_FORM_TEXT -> {
                if (!setText(value, bytes)) {
                    return "it is not UTF-8";
                }
            }
            default -> {
                if (!isText(contentType) || !setText(value, bytes)) {
                    value.setBytes(bytes);
                }
            }
        }
        return null;
    }

    /** False if the bytes are no UTF-8. */
    private static boolean setText(Value.Builder value, ByteString bytes) {
        try {
            // Checks, so that a look of our own would be the second one.
            value.setTextBytes(bytes);
            return true;
        } catch (IllegalArgumentException notUtf8) {
            return false;
        }
    }

    /** Whether a media type is one of JSON or text, whatever its parameters. */
    static boolean isText(String contentType) {
        if (contentType.equals("application/json") || contentType.startsWith("text/")) {
            return true;
        }
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return type.equals("application/json") || type.endsWith("+json") || type.startsWith("text/");
    }

    private static RuntimeException unavailable(RowName name, ValueForm form, String problem) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_VALUE_FORM_UNAVAILABLE,
                        "the value of " + name.table() + "/" + name.key() + " cannot be given as " + form + ": "
                                + problem + "; ask for bytes")
                .with(ErrorMetadata.TABLE, name.table())
                .with(ErrorMetadata.KEY, name.key())
                .with(ErrorMetadata.VALUE_FORM, form)
                .with(ErrorMetadata.PROBLEM, problem)
                .toException();
    }
}
