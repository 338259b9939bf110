// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import io.tidemark.proto.v1.BirthPlan;
import io.tidemark.proto.v1.FirstMember;
import java.nio.file.Path;

/**
 * What a node is told to be part of.
 *
 * @param directory that belongs to this node alone
 * @param plan the first members and what the store is born with; of a node that joins, whom to ask and the cluster's name
 * @param joins waits to be added to a cluster that runs, if the directory is empty
 */
public record BirthOptions(Path directory, String nodeId, BirthPlan plan, boolean joins) {

    public BirthOptions {
        if (!joins && plan.getMembersList().stream().map(FirstMember::getNodeId).noneMatch(nodeId::equals)) {
            throw new IllegalArgumentException("first members without " + nodeId + " (expected: this node among them)");
        }
    }
}
