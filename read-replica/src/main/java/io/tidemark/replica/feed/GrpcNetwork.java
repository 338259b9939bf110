// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.BootstrapRequest;
import io.tidemark.proto.v1.BootstrapResponse;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.proto.v1.Topology;
import io.tidemark.replica.feed.core.Network;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.ForwardOutcome;
import io.tidemark.server.forward.Forwarder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reaches upstreams by gRPC. What comes is handed to the feed's thread, all that waits at once. */
public final class GrpcNetwork implements Network {

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(3);

    /** How many messages may wait for the feed's thread; the credit bounds their bytes, if the upstream keeps to it. */
    private static final int MESSAGES_AHEAD = 64;

    private final Channels channels;
    private final Forwarder forwarder;
    private final FeedThread thread;

    public GrpcNetwork(Channels channels, Forwarder forwarder, FeedThread thread) {
        this.channels = channels;
        this.forwarder = forwarder;
        this.thread = thread;
    }

    @Override
    public FeedStream openFeed(String address, FeedListener listener) {
        OpenFeed feed = new OpenFeed(listener);
        feed.start(address);
        return feed;
    }

    @Override
    public CopyStream openCopy(String address, BootstrapRequest request, CopyListener listener) {
        OpenCopy copy = new OpenCopy(listener);
        copy.start(address, request);
        return copy;
    }

    @Override
    public void askTopology(String address, Consumer<Optional<Topology>> answer) {
        ask(
                address,
                ClusterGrpc.getGetTopologyMethod(),
                GetTopologyRequest.getDefaultInstance(),
                found -> answer.accept(found.map(GetTopologyResponse::getTopology)));
    }

    @Override
    public void askDigests(
            String address, FetchDigestsRequest request, Consumer<Optional<FetchDigestsResponse>> answer) {
        ask(address, ReplicationGrpc.getFetchDigestsMethod(), request, answer);
    }

    private <Q, A> void ask(String address, MethodDescriptor<Q, A> method, Q request, Consumer<Optional<A>> answer) {
        // It is this replica that asks, whoever's call may be under way.
        Context.ROOT.run(() -> {
            CompletableFuture<Void> unused = forwarder
                    .call(address, method, request, ANSWER_TIMEOUT)
                    .outcome()
                    .thenAccept(outcome -> {
                        Optional<A> found = outcome instanceof ForwardOutcome.Answered<A> answered
                                ? Optional.of(answered.answer())
                                : Optional.empty();
                        thread.execute(() -> answer.accept(found));
                    });
        });
    }

    /** A call that no other call ends; null: this server is stopping, or the address is none. */
    private <Q, A> @Nullable ClientCall<Q, A> begin(
            String address, MethodDescriptor<Q, A> method, ClientCall.Listener<A> listener) {
        Context before = Context.ROOT.attach();
        try {
            ClientCall<Q, A> call = channels.to(address).newCall(method, CallOptions.DEFAULT);
            call.start(listener, new Metadata());
            return call;
        } catch (RuntimeException e) {
            Status status = Status.fromThrowable(e);
            listener.onClose(status, new Metadata());
            return null;
        } finally {
            Context.ROOT.detach(before);
        }
    }

    private StreamEnd ended(String address, Status status, @Nullable Metadata trailers) {
        channels.notSent(address);
        if (status.isOk()) {
            return new StreamEnd(Optional.empty(), "it ended the stream");
        }
        StatusRuntimeException failure = status.asRuntimeException(trailers);
        Optional<ErrorStatus> ours = ErrorStatus.from(failure);
        return new StreamEnd(
                ours.map(ErrorStatus::reason),
                ours.map(ErrorStatus::message).orElseGet(() -> String.valueOf(failure.getMessage())),
                ours.flatMap(ErrorStatus::retryDelay));
    }

    private final class OpenFeed extends ClientCall.Listener<FeedResponse> implements FeedStream {
        private final FeedListener listener;
        private final List<FeedResponse> waiting = new ArrayList<>();
        private volatile boolean closed;
        private String address = "";

        /** Of the feed's thread. */
        private @Nullable ClientCall<FeedRequest, FeedResponse> call;

        OpenFeed(FeedListener listener) {
            this.listener = listener;
        }

        void start(String to) {
            address = to;
            call = begin(to, ReplicationGrpc.getFeedMethod(), this);
            if (call != null) {
                call.request(MESSAGES_AHEAD);
            }
        }

        @Override
        public void onMessage(FeedResponse message) {
            boolean first;
            synchronized (waiting) {
                first = waiting.isEmpty();
                waiting.add(message);
            }
            if (first) {
                thread.execute(this::deliver);
            }
        }

        private void deliver() {
            List<FeedResponse> messages;
            synchronized (waiting) {
                messages = List.copyOf(waiting);
                waiting.clear();
            }
            if (closed || messages.isEmpty()) {
                return;
            }
            listener.received(messages);
            ClientCall<FeedRequest, FeedResponse> open = call;
            if (open != null && !closed) {
                open.request(messages.size());
            }
        }

        @Override
        public void onClose(Status status, @Nullable Metadata trailers) {
            thread.execute(() -> {
                if (!closed) {
                    closed = true;
                    listener.ended(ended(address, status, trailers));
                }
            });
        }

        @Override
        public void send(FeedRequest request) {
            ClientCall<FeedRequest, FeedResponse> open = call;
            if (open != null && !closed) {
                open.sendMessage(request);
            }
        }

        @Override
        public void finish() {
            ClientCall<FeedRequest, FeedResponse> open = call;
            if (open != null && !closed) {
                open.halfClose();
            }
        }

        @Override
        public void close() {
            ClientCall<FeedRequest, FeedResponse> open = call;
            boolean wasOpen = !closed;
            closed = true;
            if (open != null && wasOpen) {
                open.cancel("the replica has left this feed", null);
            }
        }
    }

    private final class OpenCopy extends ClientCall.Listener<BootstrapResponse> implements CopyStream {
        private final CopyListener listener;
        private volatile boolean closed;
        private String address = "";

        /** Of the feed's thread. */
        private @Nullable ClientCall<BootstrapRequest, BootstrapResponse> call;

        OpenCopy(CopyListener listener) {
            this.listener = listener;
        }

        void start(String to, BootstrapRequest request) {
            address = to;
            call = begin(to, ReplicationGrpc.getBootstrapMethod(), this);
            if (call != null) {
                call.sendMessage(request);
                call.halfClose();
                call.request(1);
            }
        }

        @Override
        public void onMessage(BootstrapResponse message) {
            thread.execute(() -> {
                if (!closed) {
                    listener.received(message);
                }
            });
        }

        @Override
        public void onClose(Status status, @Nullable Metadata trailers) {
            thread.execute(() -> {
                if (!closed) {
                    closed = true;
                    listener.ended(ended(address, status, trailers));
                }
            });
        }

        @Override
        public void next() {
            ClientCall<BootstrapRequest, BootstrapResponse> open = call;
            if (open != null && !closed) {
                open.request(1);
            }
        }

        @Override
        public void close() {
            ClientCall<BootstrapRequest, BootstrapResponse> open = call;
            boolean wasOpen = !closed;
            closed = true;
            if (open != null && wasOpen) {
                open.cancel("the replica needs this copy no more", null);
            }
        }
    }
}
