// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.FeedGoodbyeReason;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.server.call.Failures;
import io.tidemark.server.call.Turns;
import io.tidemark.server.feed.core.FeedSession;
import io.tidemark.server.feed.core.Link;
import io.tidemark.server.feed.core.SessionListener;
import io.tidemark.server.feed.core.Upstream;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One feed over gRPC: gives a session its turns. Whatever happens, on whatever thread, becomes a step in the inbox; requests are
 * taken from the network only as fast as their steps are made, so the inbox is bounded. The session, and the fields here that are not
 * final, belong to the turns.
 */
final class FeedStream implements StreamObserver<FeedRequest>, Link, SessionListener {

    /** How many requests may be in the inbox. */
    private static final int REQUESTS_MAX = 16;

    private final Feeds feeds;
    private final ServerCallStreamObserver<FeedResponse> call;
    private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();
    private final Turns turns;
    private final FeedSession session;

    /** Null: not yet introduced. */
    private @Nullable String subscriberId;

    private volatile String diskId = "";
    private Subscribers.Subscriber subscriber = Subscribers.Subscriber.NONE;

    FeedStream(Feeds feeds, Upstream upstream, ServerCallStreamObserver<FeedResponse> call, Executor workers) {
        this.feeds = feeds;
        this.call = call;
        this.turns = new Turns(workers, this::turn);
        this.session = new FeedSession(upstream, this, this, this::put);
    }

    /** On the thread that received the call. */
    void open() {
        call.disableAutoRequest();
        call.setOnReadyHandler(this::signal);
        call.setOnCancelHandler(() -> put(session::left));
        session.open();
        call.request(REQUESTS_MAX);
    }

    /** Something may be to be sent. From any thread. */
    void signal() {
        turns.signal();
    }

    private void put(Runnable step) {
        inbox.add(step);
        turns.signal();
    }

    private boolean turn() {
        try {
            for (Runnable step = inbox.poll(); step != null; step = inbox.poll()) {
                step.run();
            }
            return session.advance();
        } catch (RuntimeException | Error e) {
            session.refuse(Failures.toStatus(e));
            return false;
        }
    }

    FeedSession session() {
        return session;
    }

    /** Whose disk its subscriber is on. For any thread. */
    String diskId() {
        return diskId;
    }

    void goodbye(FeedGoodbyeReason reason) {
        put(() -> session.goodbye(reason));
    }

    void goodbye(FeedGoodbyeReason reason, List<String> others) {
        put(() -> session.goodbye(reason, others));
    }

    void topologyChanged() {
        put(session::topologyChanged);
    }

    // What the subscriber sends, on the threads of the network.

    @Override
    public void onNext(FeedRequest request) {
        put(() -> {
            session.received(request);
            call.request(1);
        });
    }

    @Override
    public void onError(Throwable e) {
        put(session::left);
    }

    @Override
    public void onCompleted() {
        put(session::left);
    }

    // The way to the subscriber, on the session's turns.

    @Override
    public boolean isReady() {
        return call.isReady();
    }

    @Override
    public void send(FeedResponse message) {
        if (!call.isCancelled()) {
            call.onNext(message);
        }
    }

    @Override
    public void complete() {
        if (!call.isCancelled()) {
            call.onCompleted();
        }
    }

    @Override
    public void fail(StatusRuntimeException error) {
        if (!call.isCancelled()) {
            call.onError(error);
        }
    }

    // What the session tells, on its turns.

    @Override
    public void begun(FeedHello hello) {
        diskId = hello.getDiskId();
        feeds.begin(hello, this);
        subscriberId = hello.getSubscriberId();
        subscriber = feeds.subscribers().hello(hello, error -> put(() -> session.refuse(error)));
    }

    @Override
    public void heard() {
        subscriber.heard();
    }

    @Override
    public void heard(SubscriberHeartbeat report) {
        subscriber.heard(report);
    }

    @Override
    public void ended() {
        feeds.ended(subscriberId, this);
        subscriber.gone();
    }
}
