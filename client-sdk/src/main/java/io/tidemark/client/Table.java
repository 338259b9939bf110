// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.wire.Values;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The rows of one table, by calls that wait for their result. {@link #async()} has the same calls as futures.
 *
 * <!-- snippet table -->
 * <pre>{@code
 * Table<String> users = client.table("users");
 * users.put("ann", "Ann");
 * GetResult<String> ann = users.get("ann", Consistency.maxStaleness(Duration.ofMillis(250)));
 * String name = ann.value().orElse("nobody");
 * GetAllResult<String> both = users.getAll(List.of("ann", "bob"));
 * users.put("ann", "Ann B.", Condition.unchanged(ann));
 * users.delete("ann");
 * }</pre>
 *
 * <p>Immutable, and for any thread. {@link #in(Session)} and {@link #with(Consistency)} give the same table with other defaults.
 * Every call fails with a {@link TidemarkException}, within its deadline.
 */
public final class Table<V> {

    private final TableCalls<V> calls;

    Table(TableCalls<V> calls) {
        this.calls = calls;
    }

    /** Its name. */
    public String name() {
        return calls.table();
    }

    /** How its values become bytes. */
    public Codec<V> codec() {
        return calls.codec();
    }

    /** The same table, by calls that give futures. */
    public AsyncTable<V> async() {
        return new AsyncTable<>(calls);
    }

    /** The same table in another session: reads cover what that one has seen, and add to it. */
    public Table<V> in(Session session) {
        return new Table<>(calls.in(session));
    }

    /** The same table with another default for how fresh reads must be. */
    public Table<V> with(Consistency consistency) {
        return new Table<>(calls.with(consistency));
    }

    /** Reads a row. That there is none is an answer, not a failure. */
    public GetResult<V> get(String key) {
        return get(key, ReadOptions.defaults());
    }

    /** Reads a row that must be so fresh. */
    public GetResult<V> get(String key, Consistency consistency) {
        return get(key, ReadOptions.with(consistency));
    }

    /** Reads a row. That there is none is an answer, not a failure. */
    public GetResult<V> get(String key, ReadOptions options) {
        return calls.get(key, options).await();
    }

    /** Reads many rows, all as of one index, whichever servers have them. A key that stands twice is read once. */
    public GetAllResult<V> getAll(Collection<String> keys) {
        return getAll(keys, ReadOptions.defaults());
    }

    /** Reads many rows that must be so fresh, all as of one index. */
    public GetAllResult<V> getAll(Collection<String> keys, Consistency consistency) {
        return getAll(keys, ReadOptions.with(consistency));
    }

    /** Reads many rows, all as of one index, whichever servers have them. A key that stands twice is read once. */
    public GetAllResult<V> getAll(Collection<String> keys, ReadOptions options) {
        return calls.getAll(keys, options).await();
    }

    /** Rows in the order of their keys: all, until some are said. Nothing is asked before they are taken. */
    public Scan<V> scan() {
        return new Scan<>(calls);
    }

    /** Changes of rows: of all, until some are said. Nothing is asked before the watch begins. */
    public Watch<V> watch() {
        return new Watch<>(calls.calls(), calls.session(), codec(), calls.consistency(ReadOptions.defaults()), name());
    }

    /** Writes a row. Whoever writes last wins. */
    public WriteResult<V> put(String key, V value) {
        return put(key, value, WriteOptions.defaults());
    }

    /** Writes a row. Whoever writes last wins. */
    public WriteResult<V> put(String key, V value, WriteOptions options) {
        return calls.writes().put(key, value, null, options).await();
    }

    /**
     * Writes a row if that is so of it.
     *
     * @throws ConditionFailedException if it is not; with the row as it is
     */
    public WriteResult<V> put(String key, V value, Condition<V> condition) {
        return put(key, value, condition, WriteOptions.defaults());
    }

    /**
     * Writes a row if that is so of it.
     *
     * @throws ConditionFailedException if it is not; with the row as it is
     */
    public WriteResult<V> put(String key, V value, Condition<V> condition, WriteOptions options) {
        return calls.writes().put(key, value, condition, options).await();
    }

    /** Deletes a row. That there is none is no failure. */
    public DeleteResult<V> delete(String key) {
        return delete(key, WriteOptions.defaults());
    }

    /** Deletes a row. That there is none is no failure. */
    public DeleteResult<V> delete(String key, WriteOptions options) {
        return calls.writes().delete(key, null, options).await();
    }

    /**
     * Deletes a row if that is so of it.
     *
     * @throws ConditionFailedException if it is not; with the row as it is
     */
    public DeleteResult<V> delete(String key, Condition<V> condition) {
        return delete(key, condition, WriteOptions.defaults());
    }

    /**
     * Deletes a row if that is so of it.
     *
     * @throws ConditionFailedException if it is not; with the row as it is
     */
    public DeleteResult<V> delete(String key, Condition<V> condition, WriteOptions options) {
        return calls.writes().delete(key, condition, options).await();
    }

    /**
     * Changes a JSON row by a merge patch (RFC 7396): members that it names are replaced, or with {@code null} removed; all others
     * stay as they are, to the letter. An absent row counts as an empty object. Gives back the row as it is then.
     *
     * @param mergePatch JSON
     * @throws InvalidRequestException if the row or the patch is not JSON
     */
    public WriteResult<V> patch(String key, String mergePatch) {
        return patch(key, mergePatch, WriteOptions.defaults());
    }

    /** {@link #patch(String, String)} with options. */
    public WriteResult<V> patch(String key, String mergePatch, WriteOptions options) {
        return calls.writes().patch(key, mergePatch, null, options).await();
    }

    /**
     * {@link #patch(String, String)} if that is so of the row.
     *
     * @throws ConditionFailedException if it is not; with the row as it is
     */
    public WriteResult<V> patch(String key, String mergePatch, Condition<V> condition) {
        return patch(key, mergePatch, condition, WriteOptions.defaults());
    }

    /**
     * {@link #patch(String, String)} if that is so of the row.
     *
     * @throws ConditionFailedException if it is not; with the row as it is
     */
    public WriteResult<V> patch(String key, String mergePatch, Condition<V> condition, WriteOptions options) {
        return calls.writes().patch(key, mergePatch, condition, options).await();
    }

    /**
     * Adds to a row whose value is a decimal integer as text, and gives back the sum. An absent row counts as 0. Exactly once, however
     * often the SDK has to send it.
     *
     * @param delta may be negative
     * @throws InvalidRequestException if the row is no decimal integer, or the sum is none of 64 bits
     */
    public IncrementResult increment(String key, long delta) {
        return increment(key, delta, 0, WriteOptions.defaults());
    }

    /** {@link #increment(String, long)} with options. */
    public IncrementResult increment(String key, long delta, WriteOptions options) {
        return increment(key, delta, 0, options);
    }

    /**
     * {@link #increment(String, long)} with options.
     *
     * @param initial what an absent row counts as
     */
    public IncrementResult increment(String key, long delta, long initial, WriteOptions options) {
        return calls.writes().increment(key, delta, initial, options).await();
    }

    /**
     * Reads a row, computes another value from it, and writes that if nobody else has changed the row meanwhile; else does it again with
     * what is there by then, after a short and random pause, until the deadline. A row that does not exist is left alone, and the
     * result says so.
     *
     * <!-- snippet update -->
     * <pre>{@code
     * users.update("ann", user -> new User(user.name(), user.visits() + 1));
     * }</pre>
     *
     * @param change gives the new value; it may be asked several times. What it throws ends the call
     */
    public UpdateResult<V> update(String key, UnaryOperator<V> change) {
        return update(key, change, WriteOptions.defaults());
    }

    /** {@link #update(String, UnaryOperator)} with options. */
    public UpdateResult<V> update(String key, UnaryOperator<V> change, WriteOptions options) {
        return compute(key, value -> value.map(change), options);
    }

    /**
     * {@link #update(String, UnaryOperator)} of a row that need not exist, or cease to: the change is given its value or nothing, and
     * gives its new value or nothing, which deletes it.
     */
    public UpdateResult<V> compute(String key, Function<Optional<V>, Optional<V>> change) {
        return compute(key, change, WriteOptions.defaults());
    }

    /** {@link #compute(String, Function)} with options. */
    public UpdateResult<V> compute(String key, Function<Optional<V>, Optional<V>> change, WriteOptions options) {
        return new Update<>(calls, key, change, options).run();
    }

    /** A row that came as bytes, such as that of a {@link ConditionFailedException}, with its value as this table's codec makes it. */
    public Row<V> decode(Row<byte[]> row) {
        return Values.row(calls.codec(), row);
    }

    /** How its calls are made. */
    TableCalls<V> calls() {
        return calls;
    }

    @Override
    public String toString() {
        return "Table[" + name() + "]";
    }
}
