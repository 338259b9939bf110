// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The rows of one table, by calls that give futures: the same as those of {@link Table}, where they are described. Futures are completed
 * on the client's executor, and fail with a {@link TidemarkException}, within the deadline of
 * the call. Cancelling one gives the call up; whether a write happened is then not known.
 *
 * <p>Immutable, and for any thread.
 */
public final class AsyncTable<V> {

    private final TableCalls<V> calls;

    AsyncTable(TableCalls<V> calls) {
        this.calls = calls;
    }

    /** As {@link Table#name()}. */
    public String name() {
        return calls.table();
    }

    /** The same table, by calls that wait for their result. */
    public Table<V> blocking() {
        return new Table<>(calls);
    }

    /** As {@link Table#in(Session)}. */
    public AsyncTable<V> in(Session session) {
        return new AsyncTable<>(calls.in(session));
    }

    /** As {@link Table#with(Consistency)}. */
    public AsyncTable<V> with(Consistency consistency) {
        return new AsyncTable<>(calls.with(consistency));
    }

    /** As {@link Table#get(String)}. */
    public CompletableFuture<GetResult<V>> get(String key) {
        return get(key, ReadOptions.defaults());
    }

    /** As {@link Table#get(String, Consistency)}. */
    public CompletableFuture<GetResult<V>> get(String key, Consistency consistency) {
        return get(key, ReadOptions.with(consistency));
    }

    /** As {@link Table#get(String, ReadOptions)}. */
    public CompletableFuture<GetResult<V>> get(String key, ReadOptions options) {
        return future(() -> calls.get(key, options));
    }

    /** As {@link Table#getAll(Collection)}. */
    public CompletableFuture<GetAllResult<V>> getAll(Collection<String> keys) {
        return getAll(keys, ReadOptions.defaults());
    }

    /** As {@link Table#getAll(Collection, Consistency)}. */
    public CompletableFuture<GetAllResult<V>> getAll(Collection<String> keys, Consistency consistency) {
        return getAll(keys, ReadOptions.with(consistency));
    }

    /** As {@link Table#getAll(Collection, ReadOptions)}. */
    public CompletableFuture<GetAllResult<V>> getAll(Collection<String> keys, ReadOptions options) {
        return future(() -> calls.getAll(keys, options));
    }

    /** What is found wrong before anything is sent fails the future like everything else. */
    private <A, T> CompletableFuture<T> future(Supplier<Call<A, T>> call) {
        return Call.begin(call, calls.calls().executor());
    }

    @Override
    public String toString() {
        return "AsyncTable[" + name() + "]";
    }
}
