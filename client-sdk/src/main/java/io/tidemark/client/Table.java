// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Collection;

/**
 * The rows of one table, by calls that wait for their result. {@link #async()} has the same calls as futures.
 *
 * <!-- snippet table -->
 * <pre>{@code
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

    @Override
    public String toString() {
        return "Table[" + name() + "]";
    }
}
