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
     * Shards differ from those of the upstream. They are not served any more, and copied in again.
     *
     * @param mismatches told once more when it is known which buckets differ
     */
    void differing(List<DigestMismatch> mismatches);

    /** Shards that differed are as they should be. */
    void mended(List<Integer> shards);

    /** Shards that differed are not to be here any more. */
    void forgotten(List<Integer> shards);

    /** A copy was not what its source says it has applied, and was thrown away. */
    void copyDiffered(String source, String why);

    /** A copy came whole, and is what its source has applied. */
    void copied(String source);

    /** The replica cannot go on; the message is for its operator. */
    void failed(String message, Throwable why);
}
