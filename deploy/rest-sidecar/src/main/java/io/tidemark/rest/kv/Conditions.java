// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.linecorp.armeria.common.HttpHeaderNames;
import io.tidemark.client.Condition;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.Value;
import io.tidemark.rest.http.EntityTag;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.routing.Exchange;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The condition of a write.
 *
 * @param condition null: there is none
 * @param inHeader whether a header gave it, so that 412 says that it does not hold
 * @param neverHolds why it cannot hold, whatever is there; null: it can
 */
public record Conditions(
        @Nullable Condition<byte[]> condition,
        boolean inHeader,
        @Nullable String neverHolds) {

    /** None that the caller gave. */
    public static final Conditions NONE = new Conditions(null, false, null);

    /** What no row has: the cluster refuses it, and tells what is there instead. */
    private static final Condition<byte[]> NEVER = new Condition.ModifiedIndex<>(Long.MAX_VALUE, null);

    /**
     * What a request says.
     *
     * @param inQuery what its parameters say; null: nothing
     * @param historyId that indexes in parameters are of; null: the session's
     */
    public static Conditions of(Exchange exchange, @Nullable RowCondition inQuery, @Nullable String historyId) {
        refuseDates(exchange);
        String match = exchange.joined(HttpHeaderNames.IF_MATCH);
        String noneMatch = exchange.joined(HttpHeaderNames.IF_NONE_MATCH);
        int given = (match == null ? 0 : 1) + (noneMatch == null ? 0 : 1) + (inQuery == null ? 0 : 1);
        if (given > 1) {
            throw Problem.invalid(
                            "If-Match",
                            "condition: If-Match, If-None-Match and the parameter condition are given together (expected: one)")
                    .toException();
        }
        if (match != null) {
            return ofMatch(match);
        }
        if (noneMatch != null) {
            return new Conditions(ofNoneMatch(noneMatch), true, null);
        }
        return inQuery == null ? NONE : new Conditions(of(inQuery, historyId), false, null);
    }

    /** Of writes that no header's condition can be told of. Passed over, it would let a write through that was not meant. */
    public static void refuse(Exchange exchange) {
        refuseDates(exchange);
        for (CharSequence name : new CharSequence[] {HttpHeaderNames.IF_MATCH, HttpHeaderNames.IF_NONE_MATCH}) {
            if (exchange.headers().contains(name)) {
                throw Problem.invalid(
                                name.toString(),
                                name
                                        + ": not supported here (expected: conditions in the body, where the request has any)")
                        .toException();
            }
        }
    }

    private static Conditions ofMatch(String header) {
        EntityTag.Listed listed = EntityTag.Listed.parse("If-Match", header);
        if (listed.any()) {
            return new Conditions(Condition.present(), true, null);
        }
        int count = listed.strong().size() + listed.weak().size();
        if (count > 1) {
            throw Problem.invalid("If-Match", "If-Match: " + count + " ETags (expected: one, or *)")
                    .toException();
        }
        if (!listed.weak().isEmpty()) {
            return never(header, "a weak ETag is none of ours");
        }
        return EntityTag.parse(listed.strong().get(0))
                .map(tag ->
                        new Conditions(new Condition.ModifiedIndex<>(tag.modifiedIndex(), tag.historyId()), true, null))
                .orElseGet(() -> never(header, "it is none of ours"));
    }

    private static Condition<byte[]> ofNoneMatch(String header) {
        if (!EntityTag.Listed.parse("If-None-Match", header).any()) {
            throw Problem.invalid("If-None-Match", "If-None-Match: '" + header + "' on a write (expected: *)")
                    .toException();
        }
        return Condition.absent();
    }

    private static Conditions never(String header, String why) {
        return new Conditions(NEVER, true, "If-Match: " + header + ": " + why);
    }

    private static Condition<byte[]> of(RowCondition proto, @Nullable String historyId) {
        return switch (proto.getCheckCase()) {
            case EXISTENCE ->
                switch (proto.getExistence()) {
                    case EXISTENCE_ABSENT -> Condition.absent();
                    case EXISTENCE_PRESENT -> Condition.present();
                    case EXISTENCE_UNSPECIFIED, UNRECOGNIZED ->
                        throw invalid("existence", "EXISTENCE_ABSENT or EXISTENCE_PRESENT");
                };
            case MODIFIED_INDEX -> new Condition.ModifiedIndex<>(proto.getModifiedIndex(), historyId);
            case VERSION -> Condition.version(proto.getVersion());
            case VALUE -> Condition.valueEquals(bytes(proto.getValue()));
            case CHECK_NOT_SET ->
                throw Problem.invalid("condition", "condition: it says nothing (expected: one of its fields)")
                        .toException();
        };
    }

    /** Of a JSON document in parameters nobody knows the bytes that a row would have. */
    private static byte[] bytes(Value value) {
        return switch (value.getDataCase()) {
            case TEXT -> value.getText().getBytes(StandardCharsets.UTF_8);
            case BYTES -> value.getBytes().toByteArray();
            case JSON, DATA_NOT_SET -> throw invalid("value", "condition.value.text or condition.value.bytes");
        };
    }

    private static RuntimeException invalid(String field, String expected) {
        return Problem.invalid(
                        "condition." + field, "condition." + field + ": it says nothing (expected: " + expected + ")")
                .toException();
    }

    /** Times are too coarse to be conditions, and one that is passed over would let a write through. */
    private static void refuseDates(Exchange exchange) {
        for (CharSequence name :
                new CharSequence[] {HttpHeaderNames.IF_UNMODIFIED_SINCE, HttpHeaderNames.IF_MODIFIED_SINCE}) {
            if (exchange.headers().contains(name)) {
                throw Problem.invalid(name.toString(), name + ": not supported on writes (expected: If-Match)")
                        .toException();
            }
        }
    }
}
