// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.json;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON merge patch (RFC 7396), exact to the byte.
 *
 * <ul>
 *   <li>What the patch does not name keeps its text: spelling of numbers and names, white space, order.
 *   <li>A member that the patch changes keeps its place, the spelling of its name and the white space around it; its value
 *       is replaced, or merged if both are objects.
 *   <li>A removed member goes with the white space around it and one comma. White space before the closing brace stays.
 *   <li>New members follow the last one, in the patch's order, as {@code "name":value} without white space.
 *   <li>An object that the patch empties, or fills for the first time, keeps no white space. One that was empty and stays so
 *       keeps its text.
 *   <li>A value taken from the patch keeps its text if it is no object. An object is written anew without white space between
 *       its members and without its null members, also deeper inside; objects within arrays are not looked into.
 *   <li>Of duplicate names the last counts, in the document and in the patch. A patch that names one changes the last and
 *       removes those before it; those that it does not name stay.
 *   <li>A patch that is no object replaces the document by its own text, less the white space around it.
 * </ul>
 */
public final class MergePatch {

    private final byte[] document;
    private final byte[] patch;
    private final ByteArrayOutputStream out;

    private MergePatch(byte[] document, byte[] patch) {
        this.document = document;
        this.patch = patch;
        this.out = new ByteArrayOutputStream(document.length + patch.length);
    }

    /** Whether the bytes are JSON, as patches need it. */
    public static void requireJson(ByteString text) throws NotJsonException {
        JsonReader.read(text.toByteArray());
    }

    /** The patched document. */
    public static ByteString apply(ByteString document, ByteString patch) throws NotJsonException {
        MergePatch merge = new MergePatch(document.toByteArray(), patch.toByteArray());
        JsonNode documentNode = JsonReader.read(merge.document);
        JsonNode patchNode = JsonReader.read(merge.patch);
        if (patchNode instanceof JsonNode.Members && documentNode instanceof JsonNode.Members) {
            merge.out.write(merge.document, 0, documentNode.start());
        }
        merge.merge(documentNode, patchNode);
        if (patchNode instanceof JsonNode.Members && documentNode instanceof JsonNode.Members) {
            merge.out.write(merge.document, documentNode.end(), merge.document.length - documentNode.end());
        }
        return ByteString.copyFrom(merge.out.toByteArray());
    }

    private void merge(@Nullable JsonNode target, JsonNode change) {
        if (!(change instanceof JsonNode.Members changes)) {
            out.write(patch, change.start(), change.end() - change.start());
        } else if (target instanceof JsonNode.Members members) {
            mergeMembers(members, changes);
        } else {
            out.write('{');
            append(changes.members(), Map.of(), true);
            out.write('}');
        }
    }

    private void mergeMembers(JsonNode.Members target, JsonNode.Members changes) {
        Map<String, JsonNode.Member> lastChange = lastByName(changes.members());
        Map<String, JsonNode.Member> lastMember = lastByName(target.members());
        int before = out.size();
        out.write('{');
        boolean first = true;
        for (JsonNode.Member member : target.members()) {
            JsonNode.Member change = lastChange.get(member.name());
            if (change != null && (isNull(change.value()) || !member.equals(lastMember.get(member.name())))) {
                continue;
            }
            if (!first) {
                out.write(',');
            }
            first = false;
            JsonNode value = member.value();
            if (change == null) {
                copy(member.segmentStart(), value.end());
            } else {
                copy(member.segmentStart(), value.start());
                merge(value, change.value());
            }
            if (member.segmentEnd() != target.end() - 1) {
                copy(value.end(), member.segmentEnd());
            }
        }
        first = append(changes.members(), lastMember, first);
        if (!target.members().isEmpty() && !first) {
            copy(target.members().get(target.members().size() - 1).value().end(), target.end() - 1);
        }
        if (target.members().isEmpty() && out.size() == before + 1) {
            copy(target.start() + 1, target.end() - 1);
        }
        out.write('}');
    }

    /** Writes the members that are new; says whether still none has been written. */
    private boolean append(List<JsonNode.Member> changes, Map<String, JsonNode.Member> present, boolean first) {
        Map<String, JsonNode.Member> lastChange = lastByName(changes);
        boolean none = first;
        for (JsonNode.Member change : changes) {
            if (!change.equals(lastChange.get(change.name()))
                    || present.containsKey(change.name())
                    || isNull(change.value())) {
                continue;
            }
            if (!none) {
                out.write(',');
            }
            none = false;
            out.write(patch, change.nameStart(), change.nameEnd() - change.nameStart());
            out.write(':');
            merge(null, change.value());
        }
        return none;
    }

    private void copy(int start, int end) {
        out.write(document, start, end - start);
    }

    private static boolean isNull(JsonNode node) {
        return node instanceof JsonNode.Leaf leaf && leaf.isNull();
    }

    /** For lookups only: nothing may depend on the order of this map. */
    private static Map<String, JsonNode.Member> lastByName(List<JsonNode.Member> members) {
        Map<String, JsonNode.Member> last = new HashMap<>();
        members.forEach(member -> last.put(member.name(), member));
        return last;
    }

    /** What a patch starts from where there is no row. */
    public static final ByteString EMPTY_OBJECT = ByteString.copyFrom("{}", StandardCharsets.UTF_8);
}
