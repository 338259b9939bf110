// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import com.google.protobuf.ByteString;
import io.tidemark.client.AsyncTable;
import io.tidemark.client.Codec;
import io.tidemark.client.ReadOptions;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.WriteOptions;
import io.tidemark.proto.v1.ResponseHeader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** A client of the SDK, which finds the other servers and its way to them itself. */
public final class SdkConnection implements Connection {

    private final TidemarkClient client;
    private final Table<byte[]> table;
    private final AsyncTable<byte[]> async;
    private final ReadOptions readOptions;
    private final WriteOptions writeOptions;

    /**
     * How the SDK is used.
     *
     * @param table the table that is written and read; made when it is not there
     * @param consistency what gets ask for
     * @param maxStaleness the bound of {@link Consistency#BOUNDED} and {@link Consistency#SESSION}
     * @param batching whether calls may travel together
     * @param direct whether futures are completed on the client's own threads, which a load's callbacks may hold up as they do not wait
     * @param timeout of each call; zero for the SDK's own
     */
    public record Options(
            String table,
            Consistency consistency,
            Duration maxStaleness,
            boolean batching,
            boolean direct,
            Duration timeout) {}

    private SdkConnection(TidemarkClient client, Options options) {
        this.client = client;
        this.table = client.table(options.table(), Codec.bytes());
        this.async = table.async();
        ReadOptions reads = ReadOptions.with(consistency(options));
        WriteOptions writes = WriteOptions.defaults();
        this.readOptions = options.timeout().isZero() ? reads : reads.withDeadline(options.timeout());
        this.writeOptions = options.timeout().isZero() ? writes : writes.withDeadline(options.timeout());
    }

    /** Connects, and makes the table if it is not there. */
    public static SdkConnection open(List<Endpoint> endpoints, Options options) {
        ResponseHeader unused = TidemarkConnection.createTable(endpoints.get(0), options.table());
        String servers = endpoints.stream().map(Endpoint::toString).collect(Collectors.joining(","));
        TidemarkClient.Builder builder =
                TidemarkClient.builder().endpoints(servers).batching(options.batching());
        if (options.direct()) {
            builder.executor(Runnable::run);
        }
        return new SdkConnection(builder.build(), options);
    }

    private static io.tidemark.client.Consistency consistency(Options options) {
        return switch (options.consistency()) {
            case LINEARIZABLE -> io.tidemark.client.Consistency.linearizable();
            case BOUNDED -> io.tidemark.client.Consistency.maxStaleness(options.maxStaleness());
            case SESSION -> io.tidemark.client.Consistency.session().maxStaleness(options.maxStaleness());
            case EVENTUAL -> io.tidemark.client.Consistency.eventual();
        };
    }

    @Override
    public void put(String key, ByteString value, Completion completion) {
        tell(async.put(key, value.toByteArray(), writeOptions).thenApply(result -> true), completion);
    }

    @Override
    public void get(String key, Completion completion) {
        tell(async.get(key, readOptions).thenApply(result -> result.found()), completion);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the completion is told
    private static void tell(CompletableFuture<Boolean> present, Completion completion) {
        present.whenComplete((found, failure) -> {
            if (failure == null) {
                completion.answered(found);
            } else {
                completion.failed(failure);
            }
        });
    }

    /** The same client, for callers who wait. Either view closes it. */
    public BlockingConnection blocking() {
        return new BlockingConnection() {
            @Override
            public void put(String key, ByteString value) {
                Object unused = table.put(key, value.toByteArray(), writeOptions);
            }

            @Override
            public boolean get(String key) {
                return table.get(key, readOptions).found();
            }

            @Override
            public void close() {
                SdkConnection.this.close();
            }
        };
    }

    @Override
    public void close() {
        client.close();
    }
}
