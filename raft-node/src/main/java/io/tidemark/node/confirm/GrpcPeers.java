// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.AskLeaderGoneRequest;
import io.tidemark.proto.v1.AskLeaderGoneResponse;
import io.tidemark.proto.v1.ConfirmReadIndexRequest;
import io.tidemark.proto.v1.ConfirmReadIndexResponse;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.proto.v1.ReplicationGrpc.ReplicationFutureStub;
import io.tidemark.server.forward.Channels;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The other nodes over their internal ports, by the channels that all calls to other servers take. Answers come on the channels' own
 * threads. Any thread may call.
 */
public final class GrpcPeers implements Peers {

    /** Calls to one node that have no answer yet; a node that hangs is not sent more. */
    private static final int UNANSWERED_MAX = 64;

    private final Channels channels;

    /** By address. */
    private final Map<String, AtomicInteger> unanswered = new ConcurrentHashMap<>();

    /** Connects to nobody yet. */
    public GrpcPeers(Channels channels) {
        this.channels = channels;
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

    /** Asks whether it, too, finds a leader gone. */
    public CompletableFuture<AskLeaderGoneResponse> askLeaderGone(
            Member to, AskLeaderGoneRequest request, Duration within) {
        return call(to, within, stub -> stub.askLeaderGone(request));
    }

    private <T> CompletableFuture<T> call(
            Member to, Duration within, Function<ReplicationFutureStub, ListenableFuture<T>> method) {
        String address = to.internalAddress();
        ManagedChannel channel;
        try {
            channel = channels.to(address);
        } catch (StatusRuntimeException stopping) {
            return CompletableFuture.failedFuture(stopping);
        }
        AtomicInteger open = unanswered.computeIfAbsent(address, unused -> new AtomicInteger());
        if (open.incrementAndGet() > UNANSWERED_MAX) {
            open.decrementAndGet();
            return CompletableFuture.failedFuture(Status.UNAVAILABLE
                    .withDescription("node " + to.id() + " leaves " + UNANSWERED_MAX + " questions unanswered")
                    .asRuntimeException());
        }
        // It may be back long before the channel would look again by itself.
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            channels.notSent(address);
        }
        ReplicationFutureStub stub =
                ReplicationGrpc.newFutureStub(channel).withDeadlineAfter(within.toNanos(), TimeUnit.NANOSECONDS);
        CompletableFuture<T> answer = new CompletableFuture<>();
        Futures.addCallback(
                askedForAll(() -> method.apply(stub)),
                new FutureCallback<T>() {
                    @Override
                    public void onSuccess(@Nullable T result) {
                        open.decrementAndGet();
                        answer.complete(result);
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        open.decrementAndGet();
                        answer.completeExceptionally(failure);
                    }
                },
                MoreExecutors.directExecutor());
        return answer;
    }

    /**
     * Whoever happens to begin a round asks for all who wait for it, and for those of the next: the question must not end with the call
     * that this thread serves, as it would in that call's context.
     */
    private static <T> ListenableFuture<T> askedForAll(Supplier<ListenableFuture<T>> question) {
        Context before = Context.ROOT.attach();
        try {
            return question.get();
        } finally {
            Context.ROOT.detach(before);
        }
    }

    /** Forgets all others: they are no longer members. */
    public void retain(Set<String> addresses) {
        unanswered.keySet().retainAll(addresses);
    }
}
