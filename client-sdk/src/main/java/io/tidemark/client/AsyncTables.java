// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Stages;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The tables of a cluster, by calls that give futures: the same as those of {@link Tables}. For any thread. */
public final class AsyncTables {

    private final ClusterCalls calls;

    AsyncTables(ClusterCalls calls) {
        this.calls = calls;
    }

    /** The same with another deadline for each of its calls, counted from the call's beginning, of which {@link #update} makes two. */
    public AsyncTables withDeadline(Duration deadline) {
        return new AsyncTables(calls.withDeadline(deadline));
    }

    /** As {@link Tables#create(String)}. */
    public CompletableFuture<TableInfo> create(String name) {
        return create(name, TableSettings.defaults());
    }

    /** As {@link Tables#create(String, TableSettings)}. */
    public CompletableFuture<TableInfo> create(String name, TableSettings settings) {
        return future(() -> calls.create(name, settings));
    }

    /** As {@link Tables#get(String)}. */
    public CompletableFuture<Optional<TableInfo>> get(String name) {
        return Stages.thenEither(future(() -> calls.table(name)), (table, failure) -> {
            if (failure == null || failure instanceof NotFoundException) {
                return CompletableFuture.completedFuture(failure == null ? Optional.of(table) : Optional.empty());
            }
            return CompletableFuture.failedFuture(failure);
        });
    }

    /** As {@link Tables#list()}. */
    public CompletableFuture<List<TableInfo>> list() {
        return future(calls::tables);
    }

    /** As {@link Tables#update(String, UnaryOperator)}. */
    public CompletableFuture<TableInfo> update(String name, UnaryOperator<TableSettings> change) {
        return Stages.then(
                future(() -> calls.table(name)),
                before -> future(() -> calls.update(before, change.apply(before.settings()))));
    }

    /** As {@link Tables#drop(String)}. */
    public CompletableFuture<Long> drop(String name) {
        return future(() -> calls.drop(name));
    }

    private <T> CompletableFuture<T> future(Supplier<? extends Call<?, T>> call) {
        return Call.begin(call, calls.calls().executor());
    }
}
