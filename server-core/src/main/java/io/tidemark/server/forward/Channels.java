// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.forward;

import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * One channel to each server, kept for as long as that server is known. Thread-safe. The credentials are the one place where a
 * server says who it is to another.
 */
public final class Channels implements AutoCloseable {

    /** gRPC alone would wait up to two minutes before it tries a server again that was down for a moment. */
    private static final Duration RECONNECT_PAUSE = Duration.ofMillis(100);

    private final ChannelCredentials credentials;
    private final Ticker ticker;
    private final int answerBytesMax;
    private final List<ClientInterceptor> interceptors;
    private final Map<String, Kept> byAddress = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private static final class Kept {
        private final ManagedChannel channel;
        private Moment retried;

        Kept(ManagedChannel channel, Moment now) {
            this.channel = channel;
            this.retried = now;
        }

        synchronized void retry(Moment now) {
            if (retried.elapsedTo(now).compareTo(RECONNECT_PAUSE) >= 0) {
                retried = now;
                channel.resetConnectBackoff();
            }
        }
    }

    /**
     * No channels yet.
     *
     * @param answerBytesMax a larger answer is refused before it is read
     * @param interceptors of every call
     */
    public Channels(
            ChannelCredentials credentials, Ticker ticker, int answerBytesMax, List<ClientInterceptor> interceptors) {
        this.credentials = credentials;
        this.ticker = ticker;
        this.answerBytesMax = answerBytesMax;
        this.interceptors = List.copyOf(interceptors);
    }

    /** The channel to a server's internal port, host:port. Its callbacks run on threads of the network. */
    public ManagedChannel to(String address) {
        return kept(address).channel;
    }

    private Kept kept(String address) {
        if (closed) {
            throw Status.UNAVAILABLE.withDescription("this server is stopping").asRuntimeException();
        }
        Kept known = byAddress.get(address);
        return known != null ? known : byAddress.computeIfAbsent(address, this::open);
    }

    private Kept open(String address) {
        // Nothing is sent twice behind our back: what may have been sent is told from what was not.
        ManagedChannel channel = NettyChannelBuilder.forTarget("dns:///" + address, credentials)
                .directExecutor()
                .disableRetry()
                .intercept(interceptors)
                // A server that is gone without a word is noticed while it is being asked.
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .maxInboundMessageSize(answerBytesMax)
                .build();
        return new Kept(channel, ticker.now());
    }

    /** A call could not be sent: the next one may try to connect again, unless another has just done so. */
    public void notSent(String address) {
        Kept kept = byAddress.get(address);
        if (kept != null) {
            kept.retry(ticker.now());
        }
    }

    /** Closes the channels to servers that are not known any more; calls under way end in their time. */
    public void retain(Set<String> addresses) {
        byAddress.forEach((address, kept) -> {
            if (!addresses.contains(address) && byAddress.remove(address, kept)) {
                kept.channel.shutdown();
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        byAddress.values().forEach(kept -> kept.channel.shutdownNow());
    }
}
