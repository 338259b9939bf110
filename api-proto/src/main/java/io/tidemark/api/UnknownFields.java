// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a newer sender said in a message and this version does not know: fields, and values of enums. A server refuses such
 * a request: what it ignored could have been a condition, a limit or an ask.
 *
 * <p>Looks only into fields that hold messages or enums, so it costs little beside reading the request.
 */
public final class UnknownFields {

    /** The fields to look into, by type: there are as many as the contract has messages. */
    private static final ConcurrentMap<Descriptor, List<FieldDescriptor>> NESTED = new ConcurrentHashMap<>();

    private static final int NO_ELEMENT = -1;

    private UnknownFields() {}

    /**
     * The path of the first unknown field, at any depth, such as {@code mutations[2].put.20}: names, and the number of the
     * field that has none here; or of the first field with an unknown value, such as {@code read_options.strength}. Null if all
     * is known.
     */
    public static @Nullable String first(Message message) {
        if (!message.getUnknownFields().asMap().isEmpty()) {
            return message.getUnknownFields().asMap().keySet().iterator().next().toString();
        }
        // By index: an iterator for each message of each request is more than the look itself.
        List<FieldDescriptor> nested = nestedOf(message.getDescriptorForType());
        for (int i = 0; i < nested.size(); i++) {
            String path = firstIn(message, nested.get(i));
            if (path != null) {
                return path;
            }
        }
        return null;
    }

    private static @Nullable String firstIn(Message message, FieldDescriptor field) {
        if (!field.isRepeated()) {
            boolean said = !field.hasPresence() || message.hasField(field);
            return said ? firstIn(message.getField(field), field, NO_ELEMENT) : null;
        }
        int count = message.getRepeatedFieldCount(field);
        for (int i = 0; i < count; i++) {
            String path = firstIn(message.getRepeatedField(field, i), field, i);
            if (path != null) {
                return path;
            }
        }
        return null;
    }

    /** @param element its place in a repeated field; names are only made of what is told */
    private static @Nullable String firstIn(Object value, FieldDescriptor field, int element) {
        if (value instanceof EnumValueDescriptor known) {
            // A number that the enum does not have gets a descriptor that is no part of it.
            return known.getIndex() < 0 ? name(field, element) : null;
        }
        String path = first((Message) value);
        return path == null ? null : name(field, element) + "." + path;
    }

    private static String name(FieldDescriptor field, int element) {
        return element == NO_ELEMENT ? field.getName() : field.getName() + "[" + element + "]";
    }

    private static List<FieldDescriptor> nestedOf(Descriptor type) {
        // Not computeIfAbsent alone: this is the path of every request, and a plain get takes no lock.
        List<FieldDescriptor> nested = NESTED.get(type);
        return nested != null ? nested : NESTED.computeIfAbsent(type, UnknownFields::nestedFields);
    }

    private static List<FieldDescriptor> nestedFields(Descriptor type) {
        return type.getFields().stream()
                .filter(field -> field.getJavaType() == JavaType.MESSAGE || field.getJavaType() == JavaType.ENUM)
                .toList();
    }
}
