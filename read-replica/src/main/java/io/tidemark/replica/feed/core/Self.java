// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

/**
 * How a replica introduces itself.
 *
 * @param incarnationId new with every start, so that nothing of an earlier life counts
 * @param diskId made when its directory was empty: under another one it is another replica, or one whose disk was lost
 * @param weight its share of the shards relative to other replicas
 */
public record Self(String id, String incarnationId, String diskId, String zone, int weight, String softwareVersion) {}
