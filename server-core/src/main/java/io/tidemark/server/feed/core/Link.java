// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.FeedResponse;

/** The way to one subscriber. Used by its session alone, on the session's turns; nothing here waits. */
public interface Link {

    /** Whether the transport takes more without keeping it for long. */
    boolean isReady();

    void send(FeedResponse message);

    /** The last call: all has been said. */
    void complete();

    /** The last call. */
    void fail(StatusRuntimeException error);
}
