// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.wire.Names;
import io.tidemark.client.internal.wire.Writes;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ValueForm;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Conditions and changes of rows, of any tables, that happen together or not at all: {@link TidemarkClient#commit}. All conditions are
 * judged against the state just before; changes happen in their order, each seeing what those before it did.
 *
 * <!-- snippet transaction -->
 * <pre>{@code
 * CommitResult result = client.commit(tx -> tx.ifAbsent(emails, "ann@example.org")
 *         .put(emails, "ann@example.org", "ann")
 *         .put(users, "ann", "Ann"));
 * if (result instanceof Refused refused) {
 *     String owner = refused.row(emails, "ann@example.org").orElseThrow().value();
 *     System.out.println("taken by " + owner);
 * }
 * }</pre>
 *
 * <p>For one thread, and for the one commit that it was given out for.
 */
public final class Transaction {

    private final CommitRequest.Builder request = CommitRequest.newBuilder().setValueForm(ValueForm.VALUE_FORM_BYTES);
    private @Nullable String historyId;

    Transaction() {}

    /** Only if there is no such row. */
    public Transaction ifAbsent(Table<?> table, String key) {
        return require(table, key, Condition.absent());
    }

    /** Only if there is such a row. */
    public Transaction ifPresent(Table<?> table, String key) {
        return require(table, key, Condition.present());
    }

    /** Only if the row was not changed, deleted or created since it was read. */
    public Transaction ifUnchanged(GetResult<?> read) {
        return condition(read.table(), read.key(), Condition.unchanged(read), Codec.bytes());
    }

    /** Only if the row was not changed or deleted since. */
    public Transaction ifUnchanged(Row<?> row) {
        return condition(row.table(), row.key(), Condition.unchanged(row), Codec.bytes());
    }

    /** Only if that is so of the row. */
    public <V> Transaction require(Table<V> table, String key, Condition<V> condition) {
        return condition(table.name(), Names.requireKey(key), condition, table.codec());
    }

    /** Writes a row. */
    public <V> Transaction put(Table<V> table, String key, V value) {
        request.addMutations(Mutations.put(table.calls(), key, value, null));
        return this;
    }

    /** Writes a row that expires. */
    public <V> Transaction put(Table<V> table, String key, V value, Expiry expiry) {
        request.addMutations(Mutations.put(table.calls(), key, value, expiry));
        return this;
    }

    /** Deletes a row, if there is one. */
    public Transaction delete(Table<?> table, String key) {
        request.addMutations(Mutations.delete(table.calls(), key));
        return this;
    }

    /**
     * Deletes the rows whose keys start so, as many as one commit may change, the first ones first: {@link Committed#more()} says
     * whether there are others.
     *
     * @throws IllegalArgumentException if the prefix is empty: {@link #deleteRange} deletes from a whole table
     */
    public Transaction deletePrefix(Table<?> table, String prefix) {
        if (prefix.isEmpty()) {
            throw new IllegalArgumentException("prefix: empty (expected: the beginning of keys, or deleteRange)");
        }
        request.addMutations(
                Mutations.deleteRange(table.calls(), KeyRange.newBuilder().setPrefix(prefix)));
        return this;
    }

    /**
     * Deletes the rows from a key to another, as many as one commit may change, the first ones first: {@link Committed#more()} says
     * whether there are others.
     *
     * @param from the first key; null: from the beginning
     * @param to the first key beyond; null: to the end
     */
    public Transaction deleteRange(Table<?> table, @Nullable String from, @Nullable String to) {
        KeyRange.Builder range = KeyRange.newBuilder();
        if (from != null) {
            range.setStart(from);
        }
        if (to != null) {
            range.setEnd(to);
        }
        request.addMutations(Mutations.deleteRange(table.calls(), range));
        return this;
    }

    /** Changes a JSON row by a merge patch, as {@link Table#patch(String, String)}. */
    public Transaction patch(Table<?> table, String key, String mergePatch) {
        return patching(table, key, mergePatch, null);
    }

    /** Changes a JSON row by a merge patch, and when it expires. */
    public Transaction patch(Table<?> table, String key, String mergePatch, Expiry expiry) {
        return patching(table, key, mergePatch, Objects.requireNonNull(expiry, "expiry"));
    }

    private Transaction patching(Table<?> table, String key, String mergePatch, @Nullable Expiry expiry) {
        request.addMutations(Mutations.patch(table.calls(), key, mergePatch, expiry));
        request.setRowView(RowView.ROW_VIEW_FULL);
        return this;
    }

    /** Adds to a number, as {@link Table#increment(String, long)}. */
    public Transaction increment(Table<?> table, String key, long delta) {
        return incrementing(table, key, delta, 0, null);
    }

    /**
     * Adds to a number, as {@link Table#increment(String, long, long, WriteOptions)}.
     *
     * @param initial what an absent row counts as
     */
    public Transaction increment(Table<?> table, String key, long delta, long initial) {
        return incrementing(table, key, delta, initial, null);
    }

    /**
     * Adds to a number, and changes when its row expires.
     *
     * @param initial what an absent row counts as
     */
    public Transaction increment(Table<?> table, String key, long delta, long initial, Expiry expiry) {
        return incrementing(table, key, delta, initial, Objects.requireNonNull(expiry, "expiry"));
    }

    private Transaction incrementing(Table<?> table, String key, long delta, long initial, @Nullable Expiry expiry) {
        request.addMutations(Mutations.increment(table.calls(), key, delta, initial, expiry));
        request.setRowView(RowView.ROW_VIEW_FULL);
        return this;
    }

    private <V> Transaction condition(String table, String key, Condition<V> condition, Codec<V> codec) {
        String conditionHistory = Writes.historyOf(condition);
        if (conditionHistory != null) {
            if (historyId != null && !historyId.equals(conditionHistory)) {
                throw Tokens.otherHistory(historyId, conditionHistory);
            }
            historyId = conditionHistory;
        }
        request.addConditions(io.tidemark.proto.v1.Condition.newBuilder()
                .setTable(table)
                .setKey(key)
                .setCondition(Writes.condition(condition, codec, table, key)));
        return this;
    }

    /**
     * What was said.
     *
     * @param seenHistoryId the history that the session is in; empty: none yet
     */
    CommitRequest request(WriteOptions options, String seenHistoryId) {
        if (request.getMutationsCount() == 0) {
            throw new IllegalArgumentException("transaction: it changes nothing (expected: at least one change)");
        }
        return request.setWriteOptions(Writes.options(options, Tokens.common(seenHistoryId, historyId)))
                .build();
    }
}
