// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A cluster, by calls that give futures: the same as those of {@link TidemarkClient}. For any thread. */
public final class AsyncTidemarkClient {

    private final TidemarkClient client;

    AsyncTidemarkClient(TidemarkClient client) {
        this.client = client;
    }

    /** As {@link TidemarkClient#table(String)}. */
    public AsyncTable<String> table(String name) {
        return client.table(name).async();
    }

    /** As {@link TidemarkClient#table(String, Codec)}. */
    public <V> AsyncTable<V> table(String name, Codec<V> codec) {
        return client.table(name, codec).async();
    }

    /** As {@link TidemarkClient#commit(Consumer)}. */
    public CompletableFuture<CommitResult> commit(Consumer<Transaction> transaction) {
        return commit(transaction, WriteOptions.defaults());
    }

    /** As {@link TidemarkClient#commit(Consumer, WriteOptions)}. */
    public CompletableFuture<CommitResult> commit(Consumer<Transaction> transaction, WriteOptions options) {
        return Call.begin(
                () -> client.committing(transaction, options), client.calls().executor());
    }

    /** As {@link TidemarkClient#tables()}. */
    public AsyncTables tables() {
        return client.tables().async();
    }

    /** As {@link TidemarkClient#cluster()}. */
    public AsyncCluster cluster() {
        return client.cluster().async();
    }
}
