// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.Topology;
import java.util.List;

/** What a replica's feed tells the rest of the replica, on the feed's thread. */
public interface FeedEvents {

    /** Other shards are served than before. */
    void servingChanged();

    /** The cluster is this now. */
    void topology(Topology topology);

    /** The disk is full, so that nothing is applied; or there is room again. */
    void diskFull(boolean isFull);

    /**
     * Digests were compared.
     *
     * @param mismatches these shards differed, are not served any more, and are copied in again
     * @param agreed these are as they should be
     */
    void compared(List<DigestMismatch> mismatches, List<Integer> agreed);

    /** The replica cannot go on; the message is for its operator. */
    void failed(String message, Throwable why);
}
