// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.FeedGoodbyeReason;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.call.Turns;
import io.tidemark.server.feed.core.FeedCounts;
import io.tidemark.server.feed.core.FeedErrors;
import io.tidemark.server.feed.core.FeedMode;
import io.tidemark.server.feed.core.FeedOptions;
import io.tidemark.server.feed.core.ReadIndexes;
import io.tidemark.server.feed.core.Upstream;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.state.Store;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All feeds that a server serves. For any thread; nothing here waits. With each write of the store one task wakes those who are fed;
 * each of them then takes at most one place among the workers' tasks, and whoever waits for the disk takes none.
 */
public final class Feeds {

    private final Upstream upstream;
    private final Subscribers subscribers;
    private final Executor workers;
    private final Turns waking;
    private final Set<FeedStream> streams = ConcurrentHashMap.newKeySet();
    private final Map<String, FeedStream> bySubscriber = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    /** The store whose writes wake the streams. */
    private @Nullable Store listened;

    /**
     * Feeds of what {@code store} gives.
     *
     * @param clusterId empty while it is not known
     * @param store throws an error for callers while there is nothing
     * @param topology the newest; one without a history is not sent
     * @param workers give the feeds their turns, which do not wait
     * @param disk takes work that waits for the disk: at most two pieces for each feed at a time
     */
    public Feeds(
            String serverId,
            Supplier<String> clusterId,
            Supplier<Store> store,
            ReadIndexes readIndexes,
            Supplier<Topology> topology,
            Subscribers subscribers,
            FeedOptions options,
            Ticker ticker,
            Timers timers,
            Executor workers,
            Consumer<Runnable> disk) {
        this.upstream = new Upstream(
                serverId,
                clusterId,
                () -> listenedTo(store.get()),
                readIndexes,
                topology,
                options,
                ticker,
                timers,
                disk,
                new FeedCounts());
        this.subscribers = subscribers;
        this.workers = workers;
        this.waking = new Turns(workers, () -> {
            streams.forEach(FeedStream::signal);
            return false;
        });
    }

    private synchronized Store listenedTo(Store store) {
        if (!store.equals(listened)) {
            listened = store;
            store.addListener(this::applied);
        }
        return store;
    }

    /** By the writer of a store, with each write. */
    private void applied() {
        if (!streams.isEmpty()) {
            waking.signal();
        }
    }

    /** Serves a feed until it ends. */
    public StreamObserver<FeedRequest> feed(StreamObserver<FeedResponse> observer) {
        ServerCallStreamObserver<FeedResponse> call = (ServerCallStreamObserver<FeedResponse>) observer;
        FeedStream stream = new FeedStream(this, upstream, call, workers);
        streams.add(stream);
        stream.open();
        if (stopping) {
            stream.goodbye(FeedGoodbyeReason.FEED_GOODBYE_REASON_STOPPING);
        }
        return stream;
    }

    /**
     * A subscriber has introduced itself. The stream that it had until now ends; but one of another disk is another replica's, which
     * must not suffer from who has taken its name.
     */
    void begin(FeedHello hello, FeedStream stream) {
        String subscriberId = hello.getSubscriberId();
        FeedStream before = bySubscriber.get(subscriberId);
        if (before == null && bySubscriber.size() >= upstream.options().subscribersMax()) {
            throw FeedErrors.tooMany(upstream.serverId(), upstream.options().subscribersMax());
        }
        if (before != null && !before.diskId().equals(hello.getDiskId())) {
            throw FeedErrors.otherDisk(upstream.serverId(), subscriberId, hello.getDiskId(), before.diskId());
        }
        FeedStream replaced = bySubscriber.put(subscriberId, stream);
        if (replaced != null) {
            replaced.goodbye(FeedGoodbyeReason.FEED_GOODBYE_REASON_SUPERSEDED);
        }
    }

    void ended(@Nullable String subscriberId, FeedStream stream) {
        streams.remove(stream);
        if (subscriberId != null) {
            bySubscriber.remove(subscriberId, stream);
        }
    }

    Subscribers subscribers() {
        return subscribers;
    }

    /** The store was replaced: what comes from the new one does not go on where the old one ended. */
    public void storeReplaced() {
        streams.forEach(stream -> stream.goodbye(FeedGoodbyeReason.FEED_GOODBYE_REASON_STORE_REPLACED));
    }

    public void topologyChanged() {
        streams.forEach(FeedStream::topologyChanged);
    }

    /** Sends a subscriber to other upstreams, which should feed it rather. Nothing happens if it is not fed here any more. */
    public void rebalance(String subscriberId, List<String> others) {
        FeedStream stream = bySubscriber.get(subscriberId);
        if (stream != null) {
            stream.goodbye(FeedGoodbyeReason.FEED_GOODBYE_REASON_REBALANCE, others);
        }
    }

    /** Ends all feeds, so that subscribers go elsewhere, and takes no more. */
    public void stop() {
        stopping = true;
        streams.forEach(stream -> stream.goodbye(FeedGoodbyeReason.FEED_GOODBYE_REASON_STOPPING));
    }

    public FeedCounts counts() {
        return upstream.counts();
    }

    /** How many subscribers are fed in that way. */
    public long count(FeedMode mode) {
        return streams.stream()
                .filter(stream -> stream.session().mode() == mode)
                .count();
    }

    /** By how many commits the subscriber that is furthest behind lags; 0 without any. */
    public long lagMax(long appliedIndex) {
        return streams.stream()
                .mapToLong(stream -> stream.session().reached())
                .filter(reached -> reached >= 0)
                .map(reached -> Math.max(0, appliedIndex - reached))
                .max()
                .orElse(0);
    }
}
