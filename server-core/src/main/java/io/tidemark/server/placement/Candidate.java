// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.placement;

/**
 * A replica that can own shards.
 *
 * @param zone where it stands; empty is a zone too
 * @param weight its share of the shards relative to others; above 0
 */
public record Candidate(String id, String zone, int weight) {

    public Candidate {
        if (weight < 1) {
            throw new IllegalArgumentException("weight of " + id + ": " + weight + " (expected: above 0)");
        }
    }
}
