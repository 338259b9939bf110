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
 */
public record Conditions(@Nullable Condition<byte[]> condition, boolean inHeader) {

    private static final Conditions NONE = new Conditions(null, false);

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
            return new Conditions(ofMatch(match), true);
        }
        if (noneMatch != null) {
            return new Conditions(ofNoneMatch(noneMatch), true);
        }
        return inQuery == null ? NONE : new Conditions(of(inQuery, historyId), false);
    }

    private static Condition<byte[]> ofMatch(String header) {
        EntityTag.Listed listed = EntityTag.Listed.parse("If-Match", header);
        if (listed.any()) {
            return Condition.present();
        }
        if (listed.tags().size() > 1) {
            throw Problem.invalid("If-Match", "If-Match: " + listed.tags().size() + " ETags (expected: one, or *)")
                    .toException();
        }
        if (listed.weak()) {
            throw neverHolds(header, "a weak ETag is none of ours");
        }
        EntityTag tag =
                EntityTag.parse(listed.tags().get(0)).orElseThrow(() -> neverHolds(header, "it is none of ours"));
        return new Condition.ModifiedIndex<>(tag.modifiedIndex(), tag.historyId());
    }

    private static Condition<byte[]> ofNoneMatch(String header) {
        if (!EntityTag.Listed.parse("If-None-Match", header).any()) {
            throw Problem.invalid("If-None-Match", "If-None-Match: '" + header + "' on a write (expected: *)")
                    .toException();
        }
        return Condition.absent();
    }

    private static RuntimeException neverHolds(String header, String why) {
        return Problem.of(412, "CONDITION_FAILED", "If-Match: " + header + ": " + why + "; nothing was written")
                .toException();
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
