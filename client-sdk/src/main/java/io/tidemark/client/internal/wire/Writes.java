// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.wire;

import io.tidemark.client.Codec;
import io.tidemark.client.Condition;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.ConditionFailedException.FailedCondition;
import io.tidemark.client.Expiry;
import io.tidemark.client.Failure;
import io.tidemark.client.WriteOptions;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.Existence;
import io.tidemark.proto.v1.RowCondition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What writes say, as the contract carries it. */
public final class Writes {

    private Writes() {}

    /** A check, whose value is encoded as the row's would be. */
    public static <V> RowCondition condition(Condition<V> condition, Codec<V> codec, String table, String key) {
        RowCondition.Builder proto = RowCondition.newBuilder();
        if (condition instanceof Condition.Present<V>) {
            return proto.setExistence(Existence.EXISTENCE_PRESENT).build();
        }
        if (condition instanceof Condition.ModifiedIndex<V> modified) {
            return proto.setModifiedIndex(modified.index()).build();
        }
        if (condition instanceof Condition.Version<V> version) {
            return proto.setVersion(version.version()).build();
        }
        if (condition instanceof Condition.ValueEquals<V> equals) {
            return proto.setValue(Values.encode(codec, table, key, equals.value()))
                    .build();
        }
        return proto.setExistence(Existence.EXISTENCE_ABSENT).build();
    }

    /** The history that a condition is about; null: it does not say. */
    public static @Nullable String historyOf(@Nullable Condition<?> condition) {
        return condition instanceof Condition.ModifiedIndex<?> modified ? modified.historyId() : null;
    }

    public static io.tidemark.proto.v1.Expiry expiry(Expiry expiry) {
        io.tidemark.proto.v1.Expiry.Builder proto = io.tidemark.proto.v1.Expiry.newBuilder();
        if (expiry instanceof Expiry.After after) {
            return proto.setTtl(Headers.duration(after.ttl())).build();
        }
        if (expiry instanceof Expiry.At at) {
            return proto.setExpireTime(Headers.timestamp(at.time())).build();
        }
        return proto.setNever(io.tidemark.proto.v1.Expiry.Never.getDefaultInstance())
                .build();
    }

    /**
     * What a write carries beside its content; what is not set here, the dispatcher adds.
     *
     * @param historyId the history that the caller believes in; empty: any
     */
    public static io.tidemark.proto.v1.WriteOptions options(WriteOptions options, String historyId) {
        io.tidemark.proto.v1.WriteOptions.Builder proto = io.tidemark.proto.v1.WriteOptions.newBuilder();
        options.requestId().ifPresent(proto::setRequestId);
        options.firstSentIndex().ifPresent(proto::setFirstSentIndex);
        if (!historyId.isEmpty()) {
            proto.setHistoryId(historyId);
        }
        return proto.build();
    }

    /** The failure that a refused commit of one write is. */
    public static ConditionFailedException conditionFailed(CommitRequest request, CommitResponse response) {
        String historyId = response.getHeader().getHistoryId();
        List<FailedCondition> failed = response.getFailedConditionsList().stream()
                .map(one -> new FailedCondition(
                        one.getCondition(),
                        one.hasCurrentRow() ? Values.row(Codec.bytes(), one.getCurrentRow(), historyId) : null))
                .toList();
        int first = failed.isEmpty() ? 0 : failed.get(0).condition();
        String table = request.getConditions(first).getTable();
        String key = request.getConditions(first).getKey();
        return new ConditionFailedException(
                new Failure(
                        table + "/" + key + ": the condition does not hold at index " + response.getEvaluatedIndex()
                                + ", where " + described(failed) + "; nothing was written",
                        "CONDITION_FAILED",
                        Map.of(
                                "table",
                                table,
                                "key",
                                key,
                                "history_id",
                                historyId,
                                "evaluated_index",
                                Long.toString(response.getEvaluatedIndex())),
                        List.of()),
                null,
                failed,
                historyId,
                response.getEvaluatedIndex(),
                response.getReplayed());
    }

    private static String described(List<FailedCondition> failed) {
        return failed.isEmpty()
                ? "it was judged"
                : failed.get(0)
                        .optionalRow()
                        .map(row -> "the row has version " + row.version() + ", changed last at index "
                                + row.modifiedIndex())
                        .orElse("there is no such row");
    }
}
