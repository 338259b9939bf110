// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.ShardBootstrap;
import java.util.List;

/**
 * What others are told of a {@link Subscriber}.
 *
 * @param upstreamId empty: nobody feeds it
 * @param upstreamAddress of its internal port
 * @param waiting commits that have come and are not applied
 * @param clusterHorizon the oldest index that the cluster keeps, as far as it was told
 * @param connects how often a feed began
 * @param failedProbes probes that came to nothing
 * @param copies how copies ended
 * @param mismatchesFound how many there were
 * @param mismatches of each shard the last, unless it was found to agree since
 * @param isIdle whether it is certain that it should own no shard
 */
public record SubscriberFigures(
        String upstreamId,
        String upstreamAddress,
        long subscriptionVersion,
        int waiting,
        long clusterHorizon,
        List<ShardBootstrap> bootstraps,
        long connects,
        long failedProbes,
        CopyIn.Counts copies,
        long mismatchesFound,
        List<DigestMismatch> mismatches,
        boolean isIdle) {

    static SubscriberFigures none() {
        return new SubscriberFigures("", "", 0, 0, 0, List.of(), 0, 0, new CopyIn.Counts(0, 0, 0), 0, List.of(), false);
    }

    public long copied() {
        return copies.copied();
    }

    public long copiesBrokenOff() {
        return copies.brokenOff();
    }

    public long copiesDiffered() {
        return copies.differed();
    }
}
