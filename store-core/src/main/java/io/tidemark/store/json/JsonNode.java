// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.json;

import java.util.List;

/** A value within a document, as the bytes from {@code start} to {@code end} (exclusive). */
sealed interface JsonNode {

    int start();

    int end();

    /** Anything but an object: a patch never looks inside. */
    record Leaf(int start, int end, boolean isNull) implements JsonNode {}

    /** An object. The last byte is its closing brace. */
    record Members(int start, int end, List<Member> members) implements JsonNode {}

    /**
     * A member: {@code segmentStart} is the byte after the brace or comma before it, {@code segmentEnd} that of the comma or
     * brace behind it. The name is unescaped: two spellings of one name are one name.
     */
    record Member(String name, int segmentStart, int nameStart, int nameEnd, JsonNode value, int segmentEnd) {}
}
