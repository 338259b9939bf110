// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

/**
 * What never changes while a node runs.
 *
 * @param shardCount how many shards a row's key is hashed to
 */
public record ClusterFacts(String clusterId, String historyId, int shardCount) {}
