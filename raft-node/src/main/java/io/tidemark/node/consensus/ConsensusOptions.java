// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import io.tidemark.store.state.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a node takes part.
 *
 * @param directory of this node's store and log
 * @param electionMin a follower that heard nothing of a leader for this long may campaign; heartbeats come at a fifth of it
 * @param electionMax at the latest after this long; a leader without a majority for this long steps down
 * @param checkpointEntries a checkpoint is begun this many Raft entries after the last
 * @param checkpointBytes or once those take so much
 * @param keptEntries how many Raft entries behind the last checkpoint stay for followers that are slow
 * @param segmentBytes of one file of the log, the unit in which it is dropped
 */
public record ConsensusOptions(
        Path directory,
        String clusterId,
        Member self,
        StoreOptions store,
        Duration electionMin,
        Duration electionMax,
        int checkpointEntries,
        long checkpointBytes,
        int keptEntries,
        int segmentBytes) {

    private static final long CHECKPOINT_BYTES = 512L << 20;
    private static final int SEGMENT_BYTES = 16 << 20;

    public ConsensusOptions {
        if (clusterId.isBlank()) {
            throw new IllegalArgumentException("clusterId: blank (expected: the name of the cluster)");
        }
        if (electionMin.compareTo(electionMax) >= 0 || electionMin.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "election timeouts: " + electionMin + " to " + electionMax + " (expected: rising, from 1 ms on)");
        }
        if (checkpointEntries < 1 || checkpointBytes < 1 || keptEntries < 0 || segmentBytes < 1) {
            throw new IllegalArgumentException(
                    "checkpointEntries, checkpointBytes, keptEntries, segmentBytes: " + checkpointEntries + ", "
                            + checkpointBytes + ", " + keptEntries + ", " + segmentBytes + " (expected: positive)");
        }
    }

    /** As a node is configured where nothing else is said: the defaults of {@code NodeConfig}. */
    public static ConsensusOptions of(Path directory, String clusterId, Member self) {
        return new ConsensusOptions(
                directory,
                clusterId,
                self,
                StoreOptions.defaults(),
                Duration.ofSeconds(1),
                Duration.ofMillis(1_500),
                10_000,
                CHECKPOINT_BYTES,
                20_000,
                SEGMENT_BYTES);
    }
}
