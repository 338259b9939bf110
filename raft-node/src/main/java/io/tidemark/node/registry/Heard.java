// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import org.jspecify.annotations.Nullable;

/**
 * What a leader heard of a replica last. Soft.
 *
 * @param heartbeat null: nothing but its hello
 * @param upstreamId who feeds it; empty: nobody, as far as is known
 */
record Heard(FeedHello hello, @Nullable SubscriberHeartbeat heartbeat, String upstreamId) {

    Heard withoutUpstream() {
        return new Heard(hello, heartbeat, "");
    }
}
