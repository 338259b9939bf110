// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import io.tidemark.api.ProtoTimes;
import io.tidemark.client.internal.gateway.Gateway;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.GetTableRequest;
import io.tidemark.proto.v1.GetTableResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.TableSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * For how long caches outside may keep answers about each table's rows: what its settings said within the last seconds. A table that was
 * never asked for is waited for, once; then its settings are asked for again beside the requests. For any thread.
 */
public final class CacheAges {

    /** How long a setting that was changed may still be told. */
    static final Duration KNOWN_FOR = Duration.ofSeconds(2);

    /** More than any cluster has; beyond it all is forgotten, and asked for again. */
    private static final int TABLES_MAX = 10_000;

    private static final Duration DEADLINE = Duration.ofSeconds(1);

    private record Known(CompletableFuture<Optional<Duration>> age, long askedNanos) {}

    private final Gateway gateway;
    private final LongSupplier nanoTime;
    private final Map<String, Known> byTable = new ConcurrentHashMap<>();

    public CacheAges(Gateway gateway, LongSupplier nanoTime) {
        this.gateway = gateway;
        this.nanoTime = nanoTime;
    }

    /** How long; empty: not at all, or the table is not there, or it cannot be told. */
    public CompletableFuture<Optional<Duration>> of(String table) {
        long now = nanoTime.getAsLong();
        Known known = byTable.get(table);
        if (known != null
                && (now - known.askedNanos() < KNOWN_FOR.toNanos()
                        || !known.age().isDone())) {
            return known.age();
        }
        if (byTable.size() >= TABLES_MAX) {
            byTable.clear();
        }
        CompletableFuture<Optional<Duration>> asked = ask(table);
        byTable.put(table, new Known(asked, now));
        // Nobody waits who can be told what was true a moment ago.
        return known == null || now - known.askedNanos() > 5 * KNOWN_FOR.toNanos() ? asked : known.age();
    }

    private CompletableFuture<Optional<Duration>> ask(String table) {
        GetTableRequest request = GetTableRequest.newBuilder()
                .setTable(table)
                .setReadOptions(ReadOptions.newBuilder()
                        .setStrength(Strength.STRENGTH_EVENTUAL)
                        .setMaxStaleness(ProtoTimes.duration(KNOWN_FOR)))
                .build();
        return gateway.call(
                        "get_table",
                        ClusterGrpc.getGetTableMethod(),
                        request,
                        false,
                        GetTableResponse::getHeader,
                        DEADLINE)
                .handle((answered, failure) ->
                        failure == null ? age(answered.message().getTable().getSettings()) : Optional.empty());
    }

    private static Optional<Duration> age(TableSettings settings) {
        return settings.hasHttpCacheAge()
                ? Optional.of(ProtoTimes.duration(settings.getHttpCacheAge()))
                : Optional.empty();
    }
}
