// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import io.tidemark.client.Committed;
import io.tidemark.client.Expiry;
import io.tidemark.client.Refused;
import io.tidemark.client.Row;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.Transaction;
import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.RawCodec;
import io.tidemark.launcher.cli.RowForm;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Condition;
import io.tidemark.proto.v1.Existence;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.json.JsonValueText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A transaction as a user writes it down, in the JSON form of the contract, on its way to the SDK, which names it and repeats it safely.
 * What the SDK does not offer is refused, and so is every field that the contract does not have.
 */
final class CommitForm {

    private final CommitRequest request;

    private CommitForm(CommitRequest request) {
        this.request = request;
    }

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException if it is none; the message says what is wrong
     */
    static CommitForm parse(String json) {
        CommitRequest.Builder request = CommitRequest.newBuilder();
        try {
            JsonFormat.parser().merge(json, request);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(e.getMessage() + " (expected: a CommitRequest as JSON)", e);
        }
        require(request.getMutationsCount() > 0, "mutations: none (expected: at least one)");
        require(
                !request.hasWriteOptions(),
                "write_options: not taken here (expected: --request-id and --first-sent-index)");
        CommitForm form = new CommitForm(request.build());
        form.request.getConditionsList().forEach(CommitForm::check);
        form.request.getMutationsList().forEach(CommitForm::check);
        return form;
    }

    private static void check(Condition condition) {
        RowCondition.CheckCase check = condition.getCondition().getCheckCase();
        require(
                check != RowCondition.CheckCase.CHECK_NOT_SET
                        && (check != RowCondition.CheckCase.EXISTENCE
                                || condition.getCondition().getExistence() != Existence.EXISTENCE_UNSPECIFIED),
                "conditions: one on " + condition.getTable() + "/" + condition.getKey()
                        + " says nothing (expected: existence, modified_index, version or value)");
    }

    private static void check(Mutation mutation) {
        String expiry = " (expected: none; the row keeps its own, or has its table's)";
        switch (mutation.getChangeCase()) {
            case PATCH -> require(!mutation.getPatch().hasExpiry(), "patch.expiry: not offered here" + expiry);
            case INCREMENT -> {
                require(!mutation.getIncrement().hasExpiry(), "increment.expiry: not offered here" + expiry);
                require(mutation.getIncrement().getInitial() == 0, "increment.initial: not offered here (expected: 0)");
            }
            case DELETE_RANGE ->
                require(
                        !mutation.getDeleteRange().hasLimit(),
                        "delete_range.limit: not offered here (expected: none, for as many as one commit may change)");
            case PUT, DELETE -> {}
            case CHANGE_NOT_SET ->
                throw new IllegalArgumentException("mutations: one of table " + mutation.getTable()
                        + " says nothing (expected: put, delete, delete_range, patch or increment)");
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Tells a transaction all of it. */
    void addTo(Transaction transaction, TidemarkClient client) {
        for (Condition condition : request.getConditionsList()) {
            transaction.require(
                    client.table(condition.getTable(), RawCodec.READING),
                    condition.getKey(),
                    of(condition.getCondition()));
        }
        for (Mutation mutation : request.getMutationsList()) {
            add(mutation, transaction, client);
        }
    }

    private static io.tidemark.client.Condition<byte[]> of(RowCondition condition) {
        return switch (condition.getCheckCase()) {
            case MODIFIED_INDEX -> io.tidemark.client.Condition.modifiedIndex(condition.getModifiedIndex());
            case VERSION -> io.tidemark.client.Condition.version(condition.getVersion());
            case VALUE -> io.tidemark.client.Condition.valueEquals(bytes(condition.getValue()));
            default ->
                condition.getExistence() == Existence.EXISTENCE_ABSENT
                        ? io.tidemark.client.Condition.absent()
                        : io.tidemark.client.Condition.present();
        };
    }

    private static void add(Mutation mutation, Transaction transaction, TidemarkClient client) {
        Table<byte[]> table = client.table(mutation.getTable(), RawCodec.READING);
        Transaction unused = switch (mutation.getChangeCase()) {
            case PUT -> put(mutation, transaction, client);
            case DELETE -> transaction.delete(table, mutation.getDelete().getKey());
            case DELETE_RANGE -> deleteRange(mutation.getDeleteRange().getRange(), transaction, table);
            case PATCH ->
                transaction.patch(
                        table,
                        mutation.getPatch().getKey(),
                        ByteString.copyFrom(bytes(mutation.getPatch().getPatch()))
                                .toStringUtf8());
            case INCREMENT ->
                transaction.increment(
                        table,
                        mutation.getIncrement().getKey(),
                        mutation.getIncrement().getDelta());
            case CHANGE_NOT_SET -> transaction;
        };
    }

    private static Transaction put(Mutation mutation, Transaction transaction, TidemarkClient client) {
        Value value = mutation.getPut().getValue();
        Table<byte[]> table = client.table(mutation.getTable(), new RawCodec(contentType(value)));
        String key = mutation.getPut().getKey();
        return mutation.getPut().hasExpiry()
                ? transaction.put(
                        table, key, bytes(value), expiry(mutation.getPut().getExpiry()))
                : transaction.put(table, key, bytes(value));
    }

    private static Transaction deleteRange(KeyRange range, Transaction transaction, Table<byte[]> table) {
        return range.hasPrefix()
                ? transaction.deletePrefix(table, range.getPrefix())
                : transaction.deleteRange(
                        table, range.hasStart() ? range.getStart() : null, range.hasEnd() ? range.getEnd() : null);
    }

    private static Expiry expiry(io.tidemark.proto.v1.Expiry expiry) {
        return switch (expiry.getWhenCase()) {
            case TTL -> {
                Duration ttl = expiry.getTtl();
                yield Expiry.after(java.time.Duration.ofSeconds(ttl.getSeconds(), ttl.getNanos()));
            }
            case EXPIRE_TIME -> {
                Timestamp time = expiry.getExpireTime();
                yield Expiry.at(Instant.ofEpochSecond(time.getSeconds(), time.getNanos()));
            }
            default -> Expiry.never();
        };
    }

    /** As a server would take it. */
    private static byte[] bytes(Value value) {
        return switch (value.getDataCase()) {
            case TEXT -> value.getTextBytes().toByteArray();
            case JSON -> JsonValueText.of(value.getJson()).toByteArray();
            default -> value.getBytes().toByteArray();
        };
    }

    private static String contentType(Value value) {
        if (!value.getContentType().isEmpty()) {
            return value.getContentType();
        }
        return switch (value.getDataCase()) {
            case TEXT -> "text/plain";
            case JSON -> "application/json";
            default -> "application/octet-stream";
        };
    }

    /** The rows that it put, patched or added to, as they are then. */
    List<Map<String, Object>> rows(Committed done, TidemarkClient client) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Mutation mutation : request.getMutationsList()) {
            String key = switch (mutation.getChangeCase()) {
                case PUT -> mutation.getPut().getKey();
                case PATCH -> mutation.getPatch().getKey();
                case INCREMENT -> mutation.getIncrement().getKey();
                default -> "";
            };
            if (!key.isEmpty()) {
                done.row(client.table(mutation.getTable(), RawCodec.READING), key)
                        .ifPresent(row -> rows.add(RowForm.fields(row).toMap()));
            }
        }
        return rows;
    }

    /** The conditions that do not hold, in words. */
    List<String> describe(Refused refused, TidemarkClient client) {
        List<String> lines = new ArrayList<>();
        for (int number : refused.failedConditions()) {
            Condition condition = request.getConditions(number);
            lines.add("condition " + number + " does not hold: " + condition.getTable() + "/" + condition.getKey()
                    + refused.row(client.table(condition.getTable(), RawCodec.READING), condition.getKey())
                            .map(row -> " has version " + row.version() + ", modified at index " + row.modifiedIndex())
                            .orElse(" is not there"));
        }
        return lines;
    }

    /** The conditions that do not hold, with the rows as they are. */
    List<Map<String, Object>> conditions(Refused refused, TidemarkClient client) {
        List<Map<String, Object>> failed = new ArrayList<>();
        for (int number : refused.failedConditions()) {
            Condition condition = request.getConditions(number);
            Row<byte[]> row = refused.row(client.table(condition.getTable(), RawCodec.READING), condition.getKey())
                    .orElse(null);
            failed.add(Fields.of()
                    .with("condition", number)
                    .with("table", condition.getTable())
                    .with("key", condition.getKey())
                    .with(
                            "current_row",
                            row == null ? null : RowForm.fields(row).toMap())
                    .toMap());
        }
        return failed;
    }
}
