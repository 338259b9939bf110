// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.Topology;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A channel to one server that has just answered, for calls that the SDK does not offer. They are sent once: of a change that broke off
 * nobody knows whether it was begun, so it is for the user to look and to repeat. Thread-safe.
 */
public final class ServerConnection implements AutoCloseable {

    /** A server that is silent for longer, while a call is under way, is taken for gone. */
    private static final Duration KEEPALIVE = Duration.ofSeconds(20);

    private final ManagedChannel channel;
    private final String address;
    private final Topology topology;
    private final Duration timeout;

    private ServerConnection(ManagedChannel channel, String address, Topology topology, Duration timeout) {
        this.channel = channel;
        this.address = address;
        this.topology = topology;
        this.timeout = timeout;
    }

    /**
     * Connects to the first that answers.
     *
     * @param timeout of each try, and of each short call later
     * @throws StatusRuntimeException what the last one failed with, if none answers
     */
    public static ServerConnection open(List<String> addresses, Duration timeout) {
        StatusRuntimeException last = null;
        for (String address : addresses) {
            ManagedChannel channel = channel(address);
            try {
                Topology topology = ClusterGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                        .getTopology(GetTopologyRequest.getDefaultInstance())
                        .getTopology();
                return new ServerConnection(channel, address, topology, timeout);
            } catch (StatusRuntimeException e) {
                channel.shutdownNow();
                last = e;
            } catch (RuntimeException e) {
                channel.shutdownNow();
                throw e;
            }
        }
        if (last == null) {
            throw new IllegalArgumentException("no addresses (expected: at least one)");
        }
        throw last;
    }

    /** A channel to an address, for the caller to shut down. */
    private static ManagedChannel channel(String address) {
        return NettyChannelBuilder.forTarget("dns:///" + address)
                .usePlaintext()
                .keepAliveTime(KEEPALIVE.toSeconds(), TimeUnit.SECONDS)
                .build();
    }

    /** Who answered. */
    public String address() {
        return address;
    }

    /** What it answered. */
    public Topology topology() {
        return topology;
    }

    public Channel channel() {
        return channel;
    }

    /** How long a call may take that does nothing long. */
    public long timeoutNanos() {
        return timeout.toNanos();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
