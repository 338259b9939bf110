// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.replicas;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.bench.Endpoint;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/** Asks a replica again and again with a bound that it keeps easily, and notes how stale it says that it is. One thread of its own. */
final class StatedStaleness implements AutoCloseable {

    private static final long EVERY_MILLIS = 10;
    private static final long CALL_SECONDS = 10;
    private static final int BOUND_SECONDS = 5;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int DIGITS = 3;

    private final ManagedChannel channel;
    private final GetRequest request;
    private final Histogram nanos = new Histogram(DIGITS);
    private final Thread asking = new Thread(this::ask, "stated-staleness");
    private volatile boolean counts;
    private volatile boolean ended;
    private final LongAdder unknown = new LongAdder();

    StatedStaleness(Endpoint replica, String table, String key) {
        channel = NettyChannelBuilder.forAddress(replica.host(), replica.port())
                .usePlaintext()
                .build();
        request = GetRequest.newBuilder()
                .setTable(table)
                .setKey(key)
                .setReadOptions(ReadOptions.newBuilder()
                        .setMaxStaleness(com.google.protobuf.Duration.newBuilder()
                                .setSeconds(BOUND_SECONDS)
                                .build()))
                .build();
        asking.setDaemon(true);
        asking.start();
    }

    /** From now on answers count. */
    void count() {
        counts = true;
    }

    /** What was stated, in nanoseconds. To be called once. */
    Histogram end() throws InterruptedException {
        ended = true;
        asking.join();
        if (unknown.sum() > 0) {
            throw new IllegalStateException(unknown + " answers stated no staleness");
        }
        return nanos;
    }

    @Override
    public void close() {
        ended = true;
        channel.shutdownNow();
    }

    private void ask() {
        try {
            while (!ended) {
                ResponseHeader header = KeyValueGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                        .get(request)
                        .getHeader();
                if (!header.hasStaleness()) {
                    unknown.increment();
                } else if (counts) {
                    nanos.recordValue(header.getStaleness().getSeconds() * NANOS_PER_SECOND
                            + header.getStaleness().getNanos());
                }
                TimeUnit.MILLISECONDS.sleep(EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
