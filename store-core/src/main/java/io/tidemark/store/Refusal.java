// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.OutcomeUnknown;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Why a command was refused, as plain values in a fixed order, so that it can be part of a replicated outcome and be
 * compared. {@link #status()} is what the caller is told.
 */
public record Refusal(ErrorReason reason, String message, List<Item> metadata, List<Item> violations) {

    public Refusal {
        metadata = List.copyOf(metadata);
        violations = List.copyOf(violations);
    }

    /** A named value, or a field and what is wrong with it. */
    public record Item(String name, String value) {}

    /** A refusal whose message mentions the given values. */
    public static Refusal of(ErrorReason reason, String message, Map<String, ?> metadata) {
        return new Refusal(reason, message, items(metadata), List.of());
    }

    /** A table is not as it should be, which is true of the index that it was judged at, and perhaps of no other. */
    public static Refusal ofTable(ErrorReason reason, String table, String problem, long evaluatedIndex) {
        return of(
                reason,
                "table " + table + " " + problem + ", as of index " + evaluatedIndex,
                Map.of(ErrorMetadata.TABLE, table, ErrorMetadata.EVALUATED_INDEX, evaluatedIndex));
    }

    /** One field breaks a rule. */
    public static Refusal ofField(String field, String description) {
        return ofFields(List.of(new Item(field, description)));
    }

    /** Fields break rules; at least one. */
    public static Refusal ofFields(List<Item> violations) {
        Item first = violations.get(0);
        return new Refusal(
                ErrorReason.ERROR_REASON_INVALID_FIELD,
                first.name() + ": " + first.value(),
                List.of(
                        new Item(ErrorMetadata.DESCRIPTION, first.value()),
                        new Item(ErrorMetadata.FIELD, first.name())),
                violations);
    }

    /** Something is over a limit. */
    public static Refusal tooLarge(String what, long size, long limit) {
        return of(
                ErrorReason.ERROR_REASON_TOO_LARGE,
                what + ": " + size + " (expected: at most " + limit + ")",
                Map.of(ErrorMetadata.WHAT, what, ErrorMetadata.SIZE, size, ErrorMetadata.LIMIT, limit));
    }

    /** The retry comes too late to know whether its first attempt was applied. */
    public static Refusal requestIdExpired(String requestId, long firstSentIndex, long floor) {
        return of(
                ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED,
                "request id " + requestId + ": first sent at index " + firstSentIndex
                        + ", remembered are ids from index " + floor + " on; whether it was applied then is unknown",
                Map.of(
                        ErrorMetadata.REQUEST_ID, requestId,
                        ErrorMetadata.FIRST_SENT_INDEX, firstSentIndex,
                        ErrorMetadata.WINDOW_FLOOR_INDEX, floor));
    }

    public RefusedException toException() {
        return new RefusedException(this);
    }

    /** The error that the caller gets. */
    public ErrorStatus status() {
        return status(Map.of());
    }

    /** The same from a store of that history, which an index in the metadata means nothing without. */
    public ErrorStatus status(HistoryId history) {
        boolean indexed = metadata.stream().anyMatch(item -> item.name().equals(ErrorMetadata.EVALUATED_INDEX));
        return status(indexed ? Map.of(ErrorMetadata.HISTORY_ID, history) : Map.of());
    }

    private ErrorStatus status(Map<String, ?> more) {
        ErrorStatus.Builder status = ErrorStatus.of(reason, message);
        metadata.forEach(item -> status.with(item.name(), item.value()));
        more.forEach(status::with);
        violations.forEach(item -> status.withField(item.name(), item.value()));
        if (reason == ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED) {
            status.withDetail(OutcomeUnknown.newBuilder()
                    .setRequestId(value(ErrorMetadata.REQUEST_ID))
                    .setFirstSentIndex(Long.parseLong(value(ErrorMetadata.FIRST_SENT_INDEX)))
                    .setWindowFloorIndex(Long.parseLong(value(ErrorMetadata.WINDOW_FLOOR_INDEX)))
                    .build());
        }
        return status.build();
    }

    private String value(String name) {
        return metadata.stream()
                .filter(item -> item.name().equals(name))
                .findFirst()
                .orElseThrow()
                .value();
    }

    private static List<Item> items(Map<String, ?> metadata) {
        return new TreeMap<String, Object>(metadata)
                .entrySet().stream()
                        .map(entry -> new Item(entry.getKey(), entry.getValue().toString()))
                        .toList();
    }
}
