// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The rows of one table, by calls that give futures: the same as those of {@link Table}, where they are described. Futures are completed
 * on the client's executor ({@link TidemarkClient.Builder#executor}), and fail with a {@link TidemarkException}, within the deadline of
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

    /** As {@link Table#scan()}. */
    public Scan<V> scan() {
        return blocking().scan();
    }

    /** As {@link Table#watch()}. */
    public Watch<V> watch() {
        return blocking().watch();
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

    /** As {@link Table#put(String, Object)}. */
    public CompletableFuture<WriteResult<V>> put(String key, V value) {
        return put(key, value, WriteOptions.defaults());
    }

    /** As {@link Table#put(String, Object, WriteOptions)}. */
    public CompletableFuture<WriteResult<V>> put(String key, V value, WriteOptions options) {
        return future(() -> calls.writes().put(key, value, null, options));
    }

    /** As {@link Table#put(String, Object, Condition)}. */
    public CompletableFuture<WriteResult<V>> put(String key, V value, Condition<V> condition) {
        return put(key, value, condition, WriteOptions.defaults());
    }

    /** As {@link Table#put(String, Object, Condition, WriteOptions)}. */
    public CompletableFuture<WriteResult<V>> put(String key, V value, Condition<V> condition, WriteOptions options) {
        return future(() -> calls.writes().put(key, value, condition, options));
    }

    /** As {@link Table#delete(String)}. */
    public CompletableFuture<DeleteResult<V>> delete(String key) {
        return delete(key, WriteOptions.defaults());
    }

    /** As {@link Table#delete(String, WriteOptions)}. */
    public CompletableFuture<DeleteResult<V>> delete(String key, WriteOptions options) {
        return future(() -> calls.writes().delete(key, null, options));
    }

    /** As {@link Table#delete(String, Condition)}. */
    public CompletableFuture<DeleteResult<V>> delete(String key, Condition<V> condition) {
        return delete(key, condition, WriteOptions.defaults());
    }

    /** As {@link Table#delete(String, Condition, WriteOptions)}. */
    public CompletableFuture<DeleteResult<V>> delete(String key, Condition<V> condition, WriteOptions options) {
        return future(() -> calls.writes().delete(key, condition, options));
    }

    /** As {@link Table#patch(String, String)}. */
    public CompletableFuture<WriteResult<V>> patch(String key, String mergePatch) {
        return patch(key, mergePatch, WriteOptions.defaults());
    }

    /** As {@link Table#patch(String, String, WriteOptions)}. */
    public CompletableFuture<WriteResult<V>> patch(String key, String mergePatch, WriteOptions options) {
        return future(() -> calls.writes().patch(key, mergePatch, null, options));
    }

    /** As {@link Table#patch(String, String, Condition)}. */
    public CompletableFuture<WriteResult<V>> patch(String key, String mergePatch, Condition<V> condition) {
        return patch(key, mergePatch, condition, WriteOptions.defaults());
    }

    /** As {@link Table#patch(String, String, Condition, WriteOptions)}. */
    public CompletableFuture<WriteResult<V>> patch(
            String key, String mergePatch, Condition<V> condition, WriteOptions options) {
        return future(() -> calls.writes().patch(key, mergePatch, condition, options));
    }

    /** As {@link Table#increment(String, long)}. */
    public CompletableFuture<IncrementResult> increment(String key, long delta) {
        return increment(key, delta, 0, WriteOptions.defaults());
    }

    /** As {@link Table#increment(String, long, WriteOptions)}. */
    public CompletableFuture<IncrementResult> increment(String key, long delta, WriteOptions options) {
        return increment(key, delta, 0, options);
    }

    /** As {@link Table#increment(String, long, long, WriteOptions)}. */
    public CompletableFuture<IncrementResult> increment(String key, long delta, long initial, WriteOptions options) {
        return future(() -> calls.writes().increment(key, delta, initial, options));
    }

    /** As {@link Table#update(String, UnaryOperator)}. */
    public CompletableFuture<UpdateResult<V>> update(String key, UnaryOperator<V> change) {
        return update(key, change, WriteOptions.defaults());
    }

    /** As {@link Table#update(String, UnaryOperator, WriteOptions)}. */
    public CompletableFuture<UpdateResult<V>> update(String key, UnaryOperator<V> change, WriteOptions options) {
        return compute(key, value -> value.map(change), options);
    }

    /** As {@link Table#compute(String, Function)}. */
    public CompletableFuture<UpdateResult<V>> compute(String key, Function<Optional<V>, Optional<V>> change) {
        return compute(key, change, WriteOptions.defaults());
    }

    /** As {@link Table#compute(String, Function, WriteOptions)}. */
    public CompletableFuture<UpdateResult<V>> compute(
            String key, Function<Optional<V>, Optional<V>> change, WriteOptions options) {
        Update<V> update;
        try {
            update = new Update<>(calls, key, change, options);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        return update.runAsync();
    }

    /** What is found wrong before anything is sent fails the future like everything else. */
    private <T> CompletableFuture<T> future(Supplier<? extends Call<?, T>> call) {
        return Call.begin(call, calls.calls().executor());
    }

    @Override
    public String toString() {
        return "AsyncTable[" + name() + "]";
    }
}
