// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import java.util.List;

/**
 * What was read with every kind of ask, beside the operations of a history, and what was done to the servers meanwhile.
 *
 * @param historyId the one that every answer must name
 * @param writes what the reading clients wrote in between
 * @param watched what a watch from index 1 told that goes to replicas by preference, in its order
 * @param watchedThrough how far that watch came
 */
public record Readings(
        String historyId,
        List<Reading> reads,
        List<Operation> writes,
        List<Interruption> interruptions,
        List<Change> watched,
        long watchedThrough) {

    /** Nothing was read so. */
    static final Readings NONE = new Readings("", List.of(), List.of(), List.of(), List.of(), 0);

    public Readings {
        reads = List.copyOf(reads);
        writes = List.copyOf(writes);
        interruptions = List.copyOf(interruptions);
        watched = List.copyOf(watched);
    }
}
