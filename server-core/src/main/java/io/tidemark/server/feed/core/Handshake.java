// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import io.tidemark.api.UnknownFields;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.FeedStart;
import io.tidemark.proto.v1.FeedWelcome;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.store.Shards;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;

/** How a feed begins. */
final class Handshake {

    /** The only version of the feed so far. */
    static final int FEED_VERSION = 1;

    private final String serverId;
    private final String clusterId;
    private final Store store;
    private final FeedHello hello;
    private final Shards held;

    /** @throws io.grpc.StatusRuntimeException if the subscriber cannot be fed from this store */
    Handshake(String serverId, String clusterId, Store store, FeedHello hello) {
        this.serverId = serverId;
        this.clusterId = clusterId;
        this.store = store;
        this.hello = hello;
        FeedErrors.requireCluster(hello.getClusterId(), clusterId, serverId);
        if (hello.hasHistoryId()) {
            FeedErrors.requireHistory(hello.getHistoryId(), store.history());
        }
        // What another version of the feed says is only known once one is agreed on.
        if (!hello.getFeedVersionsList().contains(FEED_VERSION)) {
            throw FeedErrors.version(hello.getFeedVersionsList(), FEED_VERSION);
        }
        requireFields();
        this.held = shards("hello.held_shards", hello.getHeldShards(), store.shardCount());
    }

    private void requireFields() {
        if (hello.getSubscriberId().isEmpty()) {
            throw FeedErrors.field("hello.subscriber_id", "empty (expected: who subscribes)");
        }
        if (hello.getIncarnationId().isEmpty()) {
            throw FeedErrors.field("hello.incarnation_id", "empty (expected: one of this start of the subscriber)");
        }
        requireNotNegative("hello.applied_index", hello.getAppliedIndex());
        requireNotNegative("hello.initial_credit_bytes", hello.getInitialCreditBytes());
    }

    private static void requireNotNegative(String field, long value) {
        if (value < 0) {
            throw FeedErrors.field(field, value + " (expected: 0 or more)");
        }
    }

    static Shards shards(String field, ShardSet set, int shardCount) {
        String unknown = UnknownFields.first(set);
        if (unknown != null) {
            throw FeedErrors.unknown(field + "." + unknown);
        }
        try {
            return Shards.of(set, shardCount);
        } catch (IllegalArgumentException e) {
            throw FeedErrors.field(field, String.valueOf(e.getMessage()));
        }
    }

    /** Whether the feed cannot go on behind what the subscriber has. */
    boolean needsStart() {
        return !hello.hasHistoryId() || hello.getAppliedIndex() < store.horizon();
    }

    /** Version 0 of the subscription, where the feed goes on. */
    Shards resumable() {
        Shards here = store.shards();
        return held.minus(held.minus(here));
    }

    /** Where the feed goes on. */
    FeedWelcome goingOn() {
        return welcome()
                .setAppliedIndex(store.appliedIndex())
                .setResumableShards(resumable().toProto())
                .build();
    }

    /** Where it begins anew. */
    FeedWelcome starting(StoreBirth birth) {
        return welcome()
                .setAppliedIndex(birth.index())
                .setStart(FeedStart.newBuilder()
                        .setLogTime(birth.logTime().toTimestamp())
                        .setSettings(birth.settings())
                        .setTransitionVersion(birth.transitionVersion())
                        .addAllTables(birth.tables()))
                .build();
    }

    private FeedWelcome.Builder welcome() {
        return FeedWelcome.newBuilder()
                .setUpstreamId(serverId)
                .setClusterId(clusterId)
                .setHistoryId(store.history().text())
                .setFeedVersion(FEED_VERSION)
                .setShardCount(store.shardCount())
                .setHorizon(store.horizon())
                .setDistance(0);
    }
}
