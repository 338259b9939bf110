// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.json;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import com.google.protobuf.util.JsonFormat;
import io.tidemark.proto.v1.ErrorDetails;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Target;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/**
 * The contract's messages as JSON, by protobuf's own mapping but for one thing: a member {@code json}, which is a user's own JSON, does not
 * pass through doubles. It goes in and out as it is, so numbers of any size survive. Within messages it travels as the text of the
 * value that it is.
 */
public final class ContractJson {

    /** Strict, and exact: no name twice, nothing behind the end, no number rounded. */
    public static final JsonMapper EXACT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final TypeRegistry DETAILS = TypeRegistry.newBuilder()
            .add(ErrorDetails.getDescriptor())
            .add(ErrorDetails.getDescriptor().getFields().stream()
                    .map(field -> field.getMessageType())
                    .toList())
            .build();
    private static final JsonFormat.Printer PRINTER = JsonFormat.printer()
            .alwaysPrintFieldsWithNoPresence()
            .omittingInsignificantWhitespace()
            .usingTypeRegistry(DETAILS);
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().usingTypeRegistry(DETAILS);

    private static final String JSON = "json";

    private ContractJson() {}

    /** A message as JSON. Values of the form {@code json} hold the text of theirs as a string. */
    public static String print(Message message) {
        try {
            JsonNode tree = EXACT.readTree(PRINTER.print(message));
            unwrap(tree);
            return EXACT.writeValueAsString(tree);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(message.getDescriptorForType().getFullName() + " cannot be JSON", e);
        }
    }

    /**
     * Adds what a body says to a message.
     *
     * @throws io.tidemark.rest.http.ProblemException if it is not JSON, or says what the message does not know
     */
    public static void merge(byte[] body, Message.Builder message) {
        JsonNode tree = read(body);
        if (!tree.isObject()) {
            throw Problem.invalid("body", "body: not a JSON object (expected: " + name(message) + ")")
                    .toException();
        }
        wrap(tree);
        String text = EXACT.writeValueAsString(tree);
        if (!isUnicode(text)) {
            throw notJson("a string of it is no Unicode text (half of a surrogate pair)");
        }
        try {
            PARSER.merge(text, message);
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw Problem.invalid("body", "body: " + firstLine(e) + " (expected: " + name(message) + ")")
                    .toException();
        }
    }

    /** A body as JSON; a problem if it is none. */
    public static JsonNode read(byte[] body) {
        try {
            JsonNode tree = EXACT.readTree(Target.utf8(body, "body"));
            if (tree == null || tree.isMissingNode()) {
                throw notJson("it is empty");
            }
            return tree;
        } catch (JacksonException e) {
            throw notJson(e.getOriginalMessage());
        } catch (StackOverflowError e) {
            throw notJson("it is nested too deeply");
        }
    }

    /** Whether it is text that UTF-8 can carry: what JSON can escape need not be, and would come out as something else. */
    public static boolean isUnicode(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static RuntimeException notJson(String why) {
        return Problem.of(400, "BODY_NOT_JSON", "body: not JSON: " + why).toException();
    }

    private static String name(Message.Builder message) {
        return message.getDescriptorForType().getName();
    }

    private static String firstLine(Exception e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    private static void unwrap(JsonNode node) {
        if (node instanceof ObjectNode object) {
            JsonNode text = object.get(JSON);
            if (text != null && text.isString()) {
                object.putRawValue(JSON, new RawValue(text.stringValue()));
                return;
            }
        }
        node.forEach(ContractJson::unwrap);
    }

    /** What a user's JSON is travels as its text, which loses nothing. */
    private static void wrap(JsonNode node) {
        if (node instanceof ObjectNode object && object.has(JSON)) {
            JsonNode json = object.remove(JSON);
            if (object.has("text") || object.has("bytes")) {
                throw Problem.invalid(JSON, "json: beside text or bytes (expected: one of them)")
                        .toException();
            }
            object.put("text", EXACT.writeValueAsString(json));
            if (!object.has("contentType") && !object.has("content_type")) {
                object.put("contentType", "application/json");
            }
            return;
        }
        node.forEach(ContractJson::wrap);
    }
}
