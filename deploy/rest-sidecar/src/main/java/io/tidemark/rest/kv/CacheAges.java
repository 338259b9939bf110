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
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * For how long caches outside may keep answers about each table's rows: what its settings said within the last seconds. A table that was
 * not asked for lately is waited for, once; then its settings are asked for again beside the requests, which are told what is known. For
 * any thread.
 */
public final class CacheAges {

    /** How long what is known is not asked for again. */
    static final Duration KNOWN_FOR = Duration.ofSeconds(2);

    /** How long after it was asked for it may be told. */
    static final Duration TOLD_FOR = KNOWN_FOR.multipliedBy(5);

    /** More than any cluster has; beyond it all is forgotten, and asked for again. */
    private static final int TABLES_MAX = 10_000;

    private static final Duration DEADLINE = Duration.ofSeconds(1);

    /** When it was asked for, and what came or will come. */
    private record Asked(CompletableFuture<Optional<Duration>> age, long nanos) {}

    /** What is told, and what was asked for last, which may be the same. */
    private record Known(Asked told, Asked last) {}

    private final Function<String, CompletableFuture<Optional<Duration>>> ask;
    private final LongSupplier nanoTime;
    private final Map<String, Known> byTable = new ConcurrentHashMap<>();

    public CacheAges(Gateway gateway, LongSupplier nanoTime) {
        this(table -> ask(gateway, table), nanoTime);
    }

    CacheAges(Function<String, CompletableFuture<Optional<Duration>>> ask, LongSupplier nanoTime) {
        this.ask = ask;
        this.nanoTime = nanoTime;
    }

    /** How long; empty: not at all, or the table is not there, or it cannot be told. */
    public CompletableFuture<Optional<Duration>> of(String table) {
        long now = nanoTime.getAsLong();
        Known known = byTable.get(table);
        if (known == null) {
            if (byTable.size() >= TABLES_MAX) {
                byTable.clear();
            }
            Asked first = asked(table, now);
            byTable.put(table, new Known(first, first));
            return first.age();
        }
        if (known.last().age().isDone()) {
            // Nobody waits who can be told what was true a moment ago.
            Asked last = now - known.last().nanos() < KNOWN_FOR.toNanos() ? known.last() : asked(table, now);
            known = new Known(known.last(), last);
            byTable.put(table, known);
        }
        return now - known.told().nanos() < TOLD_FOR.toNanos()
                ? known.told().age()
                : known.last().age();
    }

    private Asked asked(String table, long now) {
        return new Asked(ask.apply(table), now);
    }

    private static CompletableFuture<Optional<Duration>> ask(Gateway gateway, String table) {
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
