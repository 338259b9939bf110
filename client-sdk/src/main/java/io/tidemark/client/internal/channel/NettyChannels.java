// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.channel;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.SocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Channels over TCP. A few threads serve all of them; what comes in is handled on these, without a change of thread. */
public final class NettyChannels implements ChannelSource {

    private static final int CONNECT_TIMEOUT_MILLIS = 2_000;
    /** A single row is sent even if it is larger than the largest answer, so this is above every limit that a cluster can have. */
    private static final int ANSWER_BYTES_MAX = 80 << 20;

    /** For so long after the last one there may be another. */
    private static final int GOODBYE_MILLIS = 100;

    private static final int METADATA_BYTES_MAX = 16 << 10;
    /** How many names are looked up at a time: looking up blocks. */
    private static final int LOOKUP_THREADS_MAX = 4;

    private static final long LOOKUP_THREAD_IDLE_SECONDS = 30;

    private final ChannelCredentials credentials;
    private final KeepAlive keepAlive;
    private final EventLoopGroup eventLoops;
    private final Class<? extends SocketChannel> channelType;
    private final ThreadPoolExecutor lookups;

    /**
     * How a server that is gone without a word is noticed.
     *
     * @param time after how long without anything from it the server is pinged; servers cut off clients that ping more often than every
     *     10 s
     * @param timeout how long it may take to answer
     */
    public record KeepAlive(Duration time, Duration timeout) {}

    private static final class DispatchThread extends Thread {
        DispatchThread(Runnable task, String name) {
            super(task, name);
            setDaemon(true);
        }
    }

    /**
     * No channels yet.
     *
     * @param threads how many serve all channels
     */
    public NettyChannels(ChannelCredentials credentials, KeepAlive keepAlive, int threads) {
        this.credentials = credentials;
        this.keepAlive = keepAlive;
        ThreadFactory factory = named("tidemark-client-io-");
        if (Epoll.isAvailable()) {
            eventLoops = new MultiThreadIoEventLoopGroup(threads, factory, EpollIoHandler.newFactory());
            channelType = EpollSocketChannel.class;
        } else {
            eventLoops = new MultiThreadIoEventLoopGroup(threads, factory, NioIoHandler.newFactory());
            channelType = NioSocketChannel.class;
        }
        lookups = new ThreadPoolExecutor(
                LOOKUP_THREADS_MAX,
                LOOKUP_THREADS_MAX,
                LOOKUP_THREAD_IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                named("tidemark-client-dns-"),
                // Full it is never; once it is shut down nobody waits for an address.
                new ThreadPoolExecutor.DiscardPolicy());
        lookups.allowCoreThreadTimeOut(true);
    }

    private static ThreadFactory named(String prefix) {
        AtomicInteger count = new AtomicInteger();
        return task -> new DispatchThread(task, prefix + count.incrementAndGet());
    }

    @Override
    public ManagedChannel open(String address) {
        // Whether and where a call is sent again is decided by us alone.
        return NettyChannelBuilder.forTarget("dns:///" + address, credentials)
                .eventLoopGroup(eventLoops)
                .channelType(channelType)
                .directExecutor()
                .offloadExecutor(lookups)
                .disableRetry()
                .disableServiceConfigLookUp()
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS)
                .keepAliveTime(keepAlive.time().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(keepAlive.timeout().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveWithoutCalls(true)
                .maxInboundMessageSize(ANSWER_BYTES_MAX)
                .maxInboundMetadataSize(METADATA_BYTES_MAX)
                .build();
    }

    /** Where names are looked up. */
    public Executor lookups() {
        return lookups;
    }

    @Override
    public boolean ownsThread(Thread thread) {
        return thread instanceof DispatchThread;
    }

    @Override
    public void close() {
        lookups.shutdownNow();
        // The channels still have their goodbyes to say.
        Future<?> unused = eventLoops.shutdownGracefully(GOODBYE_MILLIS, 1_000, TimeUnit.MILLISECONDS);
    }
}
