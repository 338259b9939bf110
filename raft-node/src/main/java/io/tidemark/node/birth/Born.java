// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.FormedCluster;

/**
 * What a node is part of, on disk before anybody sees this.
 *
 * @param cluster how the cluster came to be, the same at all of its nodes
 * @param start what the node has to do
 */
public record Born(FormedCluster cluster, Start start) {

    /** How taking part begins. */
    public enum Start {
        /** The first start of a first member: with the plan's members and settings, and the first history. */
        BOOTSTRAP,
        /** The first start of a node that is to be added. */
        JOIN,
        /** Any later start. */
        RESTART
    }

    public String clusterId() {
        return cluster.getClusterId();
    }

    /** The history that the cluster began with. */
    public HistoryId firstHistory() {
        return new HistoryId(cluster.getFirstHistoryId());
    }
}
