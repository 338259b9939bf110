// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.tidemark.api.NearestName;
import io.tidemark.rest.http.Problem;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Fields of a message by their paths, as query parameters and paths say them: {@code read_options.max_staleness} or {@code
 * readOptions.maxStaleness}. What the message does not know is a problem.
 */
public final class Fields {

    /** Messages that are one value in JSON. */
    private static final Set<String> SCALAR_MESSAGES =
            Set.of("google.protobuf.Duration", "google.protobuf.Timestamp", "google.protobuf.FieldMask");

    private Fields() {}

    /**
     * Sets a field.
     *
     * @param texts several only for a field that is a list
     */
    public static void set(Message.Builder message, String path, List<String> texts) {
        set(message, path, path, texts);
    }

    private static void set(Message.Builder message, String path, String whole, List<String> texts) {
        int dot = path.indexOf('.');
        FieldDescriptor field = find(message.getDescriptorForType(), dot < 0 ? path : path.substring(0, dot), whole);
        boolean nested = field.getJavaType() == JavaType.MESSAGE
                && !field.isRepeated()
                && !SCALAR_MESSAGES.contains(field.getMessageType().getFullName());
        if (dot >= 0) {
            if (!nested) {
                throw unknown(whole, message.getDescriptorForType());
            }
            set(message.getFieldBuilder(field), path.substring(dot + 1), whole, texts);
        } else if (field.isRepeated()) {
            texts.forEach(text -> message.addRepeatedField(field, value(message, field, whole, text)));
        } else if (nested || texts.size() > 1) {
            throw Problem.invalid(
                            whole,
                            "query parameter '" + whole + "': "
                                    + (nested
                                            ? "a message (expected: one of its fields, after a dot)"
                                            : "given more than once"))
                    .toException();
        } else {
            message.setField(field, value(message, field, whole, texts.get(0)));
        }
    }

    private static FieldDescriptor find(Descriptor type, String name, String whole) {
        for (FieldDescriptor field : type.getFields()) {
            if (field.getName().equals(name) || field.getJsonName().equals(name)) {
                return field;
            }
        }
        throw unknown(whole, type);
    }

    private static RuntimeException unknown(String path, Descriptor type) {
        List<String> known = new ArrayList<>();
        type.getFields().forEach(field -> known.add(field.getName()));
        int dot = path.lastIndexOf('.');
        String hint = NearestName.suggestion(path.substring(dot + 1), known);
        return Problem.invalid(path, "query parameter '" + path + "': unknown (" + hint + ")")
                .toException();
    }

    private static Object value(Message.Builder message, FieldDescriptor field, String path, String text) {
        Object value = valueOrNull(message, field, text);
        if (value == null) {
            throw Problem.invalid(
                            path, "query parameter '" + path + "': '" + text + "' (expected: " + expected(field) + ")")
                    .toException();
        }
        return value;
    }

    private static @Nullable Object valueOrNull(Message.Builder message, FieldDescriptor field, String text) {
        try {
            return switch (field.getJavaType()) {
                case STRING -> text;
                case INT -> Integer.valueOf(text);
                case LONG -> Long.valueOf(text);
                case DOUBLE -> Double.valueOf(text);
                case FLOAT -> Float.valueOf(text);
                case BOOLEAN -> text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null;
                case BYTE_STRING -> ByteString.copyFrom(Base64.getUrlDecoder().decode(text));
                case ENUM -> enumValue(field, text);
                case MESSAGE -> {
                    Message.Builder inner = message.newBuilderForField(field);
                    JsonFormat.parser().merge(JsonMapper.shared().writeValueAsString(text), inner);
                    yield inner.build();
                }
            };
        } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
            return null;
        }
    }

    private static @Nullable EnumValueDescriptor enumValue(FieldDescriptor field, String text) {
        EnumValueDescriptor byName = field.getEnumType().findValueByName(text);
        return byName != null || !text.matches("[0-9]{1,9}")
                ? byName
                : field.getEnumType().findValueByNumber(Integer.parseInt(text));
    }

    private static String expected(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case INT, LONG -> "a whole number";
            case DOUBLE, FLOAT -> "a number";
            case BOOLEAN -> "true or false";
            case BYTE_STRING -> "base64url";
            case ENUM ->
                String.join(
                        ", ",
                        field.getEnumType().getValues().stream()
                                .map(EnumValueDescriptor::getName)
                                .toList());
            case MESSAGE ->
                field.getMessageType().getName().equals("Duration")
                        ? "seconds, as in 0.25s"
                        : "as JSON has a " + field.getMessageType().getName();
            case STRING -> "text";
        };
    }
}
