// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.BootstrapRequest;
import io.tidemark.proto.v1.BootstrapResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a replica reaches its upstreams, by the addresses of their internal ports. Whatever comes back is told later, on the feed's
 * thread, in the order in which it came, and never within the call that it answers. Nothing is told of a stream that was closed here.
 */
public interface Network {

    /** A feed that was opened. */
    interface FeedStream {
        void send(FeedRequest request);

        /** Nothing more is sent. What was sent arrives, and then the other side ends the stream. */
        void finish();

        /** Ends it, without a further word from it. */
        void close();
    }

    /** What a feed brings. */
    interface FeedListener {
        /** All that has come since the last call, at least one message. */
        void received(List<FeedResponse> messages);

        void ended(StreamEnd end);
    }

    /** A copy that was opened. It brings one message for each {@link #next}. */
    interface CopyStream {
        void next();

        void close();
    }

    /** What a copy brings. */
    interface CopyListener {
        void received(BootstrapResponse message);

        void ended(StreamEnd end);
    }

    /**
     * How a stream ended on the other side, or on the way.
     *
     * @param reason an error of ours, as the upstream gave it
     * @param retryDelay how long the upstream wants to be left alone
     */
    record StreamEnd(Optional<ErrorReason> reason, String message, Optional<Duration> retryDelay) {

        /** Nothing was said of when to come back. */
        public StreamEnd(Optional<ErrorReason> reason, String message) {
            this(reason, message, Optional.empty());
        }

        boolean isBecause(ErrorReason asked) {
            return reason.isPresent() && reason.get() == asked;
        }
    }

    FeedStream openFeed(String address, FeedListener listener);

    CopyStream openCopy(String address, BootstrapRequest request, CopyListener listener);

    /** Empty: it did not answer. */
    void askTopology(String address, Consumer<Optional<Topology>> answer);

    /** Empty: it did not answer, or cannot. */
    void askDigests(String address, FetchDigestsRequest request, Consumer<Optional<FetchDigestsResponse>> answer);
}
