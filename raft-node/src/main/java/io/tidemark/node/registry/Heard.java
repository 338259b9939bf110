// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.store.Shards;
import org.jspecify.annotations.Nullable;

/**
 * What a leader heard of a replica last. Soft.
 *
 * @param heartbeat null: nothing but its hello
 * @param serving the shards that the heartbeat names
 * @param upstreamId who feeds it; empty: nobody, as far as is known
 */
record Heard(FeedHello hello, @Nullable SubscriberHeartbeat heartbeat, Shards serving, String upstreamId) {

    Heard withoutUpstream() {
        return new Heard(hello, heartbeat, serving, "");
    }

    /** What it says of shards and releases. */
    Releases.Said said(boolean isPresent) {
        return new Releases.Said(
                hello.getIncarnationId(),
                isPresent,
                serving,
                heartbeat == null ? 0 : heartbeat.getReleaseTerm(),
                heartbeat == null ? 0 : heartbeat.getReleaseNumber());
    }
}
