// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.SubscriberHeartbeat;

/** What a session tells of its subscriber, on its own turns. Each call is quick. */
public interface SessionListener {

    /**
     * It has introduced itself and may be fed. Before it is welcomed.
     *
     * @throws io.grpc.StatusRuntimeException if it is not to be fed
     */
    void begun(FeedHello hello);

    /** It sent something. */
    void heard();

    /** It reported something. */
    void heard(SubscriberHeartbeat report);

    /** Nothing more is sent. Once, also where nothing began. */
    void ended();
}
