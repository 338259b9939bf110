// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.ConfirmReadIndexRequest;
import io.tidemark.proto.v1.ConfirmReadIndexResponse;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.proto.v1.ReplicationGrpc.ReplicationFutureStub;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The other nodes over their internal ports: one channel to each, opened when it is first asked, closed when it has another
 * address or is no longer a member. Answers come on the channels' own threads. Any thread may call.
 */
public final class GrpcPeers implements Peers, AutoCloseable {

    /** Calls to one node that have no answer yet; a node that hangs is not sent more. */
    private static final int UNANSWERED_MAX = 64;

    /** A channel that cannot connect looks again when it is needed, but not more often than this. */
    private static final Duration RECONNECT_EVERY = Duration.ofMillis(200);

    private static final class Peer {
        private final String address;
        private final ManagedChannel channel;
        private final AtomicInteger unanswered = new AtomicInteger();
        private volatile long lookedNanos;

        Peer(String address, ManagedChannel channel, Moment now) {
            this.address = address;
            this.channel = channel;
            this.lookedNanos = now.monotonicNanos();
        }

        /** It may be back long before the channel would look again by itself. */
        void lookAgain(Moment now) {
            if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE
                    && now.monotonicNanos() - lookedNanos >= RECONNECT_EVERY.toNanos()) {
                lookedNanos = now.monotonicNanos();
                channel.resetConnectBackoff();
            }
        }
    }

    private final Function<String, ManagedChannel> opener;
    private final Ticker ticker;

    /** By node. Guarded by this. */
    private final Map<String, Peer> open = new HashMap<>();

    /** Guarded by this. */
    private boolean isClosed;

    /**
     * Connects to nobody yet.
     *
     * @param opener makes a channel to the internal address of a node
     */
    public GrpcPeers(Function<String, ManagedChannel> opener, Ticker ticker) {
        this.ticker = ticker;
        this.opener = opener;
    }

    /** A channel without encryption. A peer that is gone without a word is noticed while it is being asked. */
    public static ManagedChannel plaintext(String address) {
        return NettyChannelBuilder.forTarget(address)
                .usePlaintext()
                .directExecutor()
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .build();
    }

    @Override
    public CompletableFuture<ConfirmTermResponse> confirmTerm(Member to, ConfirmTermRequest request, Duration within) {
        return call(to, within, stub -> stub.confirmTerm(request));
    }

    @Override
    public CompletableFuture<ConfirmReadIndexResponse> confirmReadIndex(
            Member to, ConfirmReadIndexRequest request, Duration within) {
        return call(to, within, stub -> stub.confirmReadIndex(request));
    }

    private <T> CompletableFuture<T> call(
            Member to, Duration within, Function<ReplicationFutureStub, ListenableFuture<T>> method) {
        Peer peer = peer(to);
        if (peer == null) {
            return unavailable("this node is stopping");
        }
        if (peer.unanswered.incrementAndGet() > UNANSWERED_MAX) {
            peer.unanswered.decrementAndGet();
            return unavailable("node " + to.id() + " leaves " + UNANSWERED_MAX + " questions unanswered");
        }
        peer.lookAgain(ticker.now());
        ReplicationFutureStub stub =
                ReplicationGrpc.newFutureStub(peer.channel).withDeadlineAfter(within.toNanos(), TimeUnit.NANOSECONDS);
        CompletableFuture<T> answer = new CompletableFuture<>();
        Futures.addCallback(
                method.apply(stub),
                new FutureCallback<T>() {
                    @Override
                    public void onSuccess(@Nullable T result) {
                        peer.unanswered.decrementAndGet();
                        answer.complete(result);
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        peer.unanswered.decrementAndGet();
                        answer.completeExceptionally(failure);
                    }
                },
                MoreExecutors.directExecutor());
        return answer;
    }

    private static <T> CompletableFuture<T> unavailable(String reason) {
        return CompletableFuture.failedFuture(
                Status.UNAVAILABLE.withDescription(reason).asRuntimeException());
    }

    /** Null: closed. */
    private @Nullable Peer peer(Member member) {
        Peer old;
        Peer now;
        synchronized (this) {
            old = open.get(member.id());
            if (old != null && old.address.equals(member.internalAddress())) {
                return old;
            }
            if (isClosed) {
                return null;
            }
            now = new Peer(member.internalAddress(), opener.apply(member.internalAddress()), ticker.now());
            open.put(member.id(), now);
        }
        if (old != null) {
            old.channel.shutdown();
        }
        return now;
    }

    /** Closes the channels to all others: they are no longer members. */
    public void retain(Set<String> nodeIds) {
        List<Peer> gone = new ArrayList<>();
        synchronized (this) {
            open.forEach((nodeId, peer) -> {
                if (!nodeIds.contains(nodeId)) {
                    gone.add(peer);
                }
            });
            open.keySet().retainAll(nodeIds);
        }
        gone.forEach(peer -> peer.channel.shutdown());
    }

    synchronized int openChannels() {
        return open.size();
    }

    @Override
    public void close() {
        List<Peer> all;
        synchronized (this) {
            isClosed = true;
            all = new ArrayList<>(open.values());
            open.clear();
        }
        all.forEach(peer -> peer.channel.shutdownNow());
    }
}
