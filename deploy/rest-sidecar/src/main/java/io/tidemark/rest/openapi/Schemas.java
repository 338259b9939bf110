// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.openapi;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The contract's messages as JSON schemas: those that are mentioned, and those that they mention. For one thread. */
final class Schemas {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Comments comments;
    private final Set<String> made = new LinkedHashSet<>();
    private final ArrayDeque<Descriptor> waiting = new ArrayDeque<>();

    Schemas(Comments comments) {
        this.comments = comments;
    }

    /** A mention of a message. */
    ObjectNode reference(Descriptor message) {
        if (made.add(message.getFullName())) {
            waiting.add(message);
        }
        return JSON.createObjectNode().put("$ref", "#/components/schemas/" + name(message));
    }

    /** All that were mentioned. */
    ObjectNode all() {
        ObjectNode all = JSON.createObjectNode();
        while (!waiting.isEmpty()) {
            Descriptor message = waiting.remove();
            all.set(name(message), message(message));
        }
        return all;
    }

    /** What a field may be. */
    ObjectNode of(FieldDescriptor field) {
        if (field.isMapField()) {
            ObjectNode map = JSON.createObjectNode().put("type", "object");
            map.set("additionalProperties", single(field.getMessageType().findFieldByName("value")));
            return map;
        }
        if (field.isRepeated()) {
            ObjectNode list = JSON.createObjectNode().put("type", "array");
            list.set("items", single(field));
            return list;
        }
        return single(field);
    }

    String comment(FieldDescriptor field) {
        return comments.of(field.getFullName());
    }

    private ObjectNode message(Descriptor message) {
        ObjectNode schema = JSON.createObjectNode().put("type", "object");
        String comment = comments.of(message.getFullName());
        if (!comment.isEmpty()) {
            schema.put("description", comment);
        }
        ObjectNode properties = schema.putObject("properties");
        for (FieldDescriptor field : message.getFields()) {
            ObjectNode property = of(field);
            if (!comment(field).isEmpty()) {
                property.put("description", comment(field));
            }
            properties.set(field.getJsonName(), property);
        }
        return schema;
    }

    private ObjectNode single(FieldDescriptor field) {
        ObjectNode schema = JSON.createObjectNode();
        return switch (field.getJavaType()) {
            case STRING -> schema.put("type", "string");
            case INT -> schema.put("type", "integer").put("format", "int32");
            case LONG -> {
                // As strings, because many readers of JSON know no whole numbers above 2^53. Both are understood.
                ArrayNode types = schema.putArray("type");
                types.add("string").add("integer");
                yield schema.put("format", "int64");
            }
            case DOUBLE, FLOAT -> schema.put("type", "number").put("format", "double");
            case BOOLEAN -> schema.put("type", "boolean");
            case BYTE_STRING -> schema.put("type", "string").put("contentEncoding", "base64");
            case ENUM -> {
                ArrayNode values = schema.put("type", "string").putArray("enum");
                for (EnumValueDescriptor value : field.getEnumType().getValues()) {
                    values.add(value.getName());
                }
                yield schema;
            }
            case MESSAGE -> ofMessage(field.getMessageType(), schema);
        };
    }

    private ObjectNode ofMessage(Descriptor message, ObjectNode schema) {
        return switch (message.getFullName()) {
            case "google.protobuf.Duration" ->
                schema.put("type", "string").put("pattern", "^-?[0-9]+(\\.[0-9]{1,9})?s$");
            case "google.protobuf.Timestamp" -> schema.put("type", "string").put("format", "date-time");
            case "google.protobuf.FieldMask" -> schema.put("type", "string");
            case "google.protobuf.Any", "google.protobuf.Struct" -> schema.put("type", "object");
            // A user's own JSON: anything.
            case "google.protobuf.Value" -> schema;
            default -> reference(message);
        };
    }

    private static String name(Descriptor message) {
        String name = message.getFullName().replace("tidemark.v1.", "");
        return name.replace('.', '_');
    }
}
