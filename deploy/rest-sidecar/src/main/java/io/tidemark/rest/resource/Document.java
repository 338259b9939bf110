// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.resource;

import io.tidemark.rest.http.Problem;
import io.tidemark.rest.json.ContractJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A user's document, whose members say its key.
 *
 * @param text as it was sent, but for members of the key that were added
 * @param key of its row
 */
record Document(String text, List<String> key) {

    /** Makes a part of a key that a document lacks. */
    @FunctionalInterface
    interface Missing {
        /** The part; null: nobody makes it. */
        @Nullable String part(String member, int place);
    }

    /** Reads one, and puts in what it lacks of its key. What it has stays as it was written. */
    static Document read(byte[] body, List<String> members, Missing missing) {
        JsonNode tree = object(body);
        List<String> key = new ArrayList<>();
        Map<String, String> added = new LinkedHashMap<>();
        for (int i = 0; i < members.size(); i++) {
            String member = members.get(i);
            JsonNode given = tree.get(member);
            String part = given == null ? missing.part(member, i) : text(member, given);
            if (part == null) {
                throw Problem.invalid(
                                member,
                                member + ": missing (expected: a member of the document, which its key is made of)")
                        .toException();
            }
            if (given == null) {
                added.put(member, part);
            }
            key.add(part);
        }
        return new Document(insert(new String(body, StandardCharsets.UTF_8), tree.isEmpty(), added), key);
    }

    /** A document, or a merge patch of one. */
    static JsonNode object(byte[] body) {
        JsonNode tree = ContractJson.read(body);
        if (!tree.isObject()) {
            throw Problem.invalid("body", "body: not a JSON object (expected: a document)")
                    .toException();
        }
        return tree;
    }

    /** A part of a key: text, or a whole number. */
    static String text(String member, JsonNode node) {
        String text = node.isString() ? node.stringValue() : node.isIntegralNumber() ? node.asString() : "";
        if (!canBeInPaths(text) || !ContractJson.isUnicode(text)) {
            throw Problem.invalid(
                            member,
                            member + ": " + node
                                    + " (expected: Unicode text without slashes and control characters that is not empty,"
                                    + " '.' or '..', or a whole number)")
                    .toException();
        }
        return text;
    }

    /** Whether a path can name it: it must be one segment, and none that others mend. */
    private static boolean canBeInPaths(String text) {
        return !text.isEmpty()
                && !text.equals(".")
                && !text.equals("..")
                && text.chars().noneMatch(c -> c == '/' || c < ' ' || c == 0x7f);
    }

    private static String insert(String text, boolean empty, Map<String, String> added) {
        if (added.isEmpty()) {
            return text;
        }
        StringBuilder members = new StringBuilder();
        added.forEach((name, value) -> members.append(members.isEmpty() ? "" : ",")
                .append(ContractJson.EXACT.writeValueAsString(name))
                .append(':')
                .append(ContractJson.EXACT.writeValueAsString(value)));
        int brace = text.indexOf('{') + 1;
        return text.substring(0, brace) + members + (empty ? "" : ",") + text.substring(brace);
    }
}
