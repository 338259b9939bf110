// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.BirthPlan;
import io.tidemark.proto.v1.ExchangeBirthResponse;
import io.tidemark.proto.v1.FirstMember;
import io.tidemark.proto.v1.FormedCluster;
import io.tidemark.proto.v1.StoreSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A cluster of one whose store is made offline: it has nobody to agree with, and is born when that store is. The ids follow from
 * the disk's as those of any other cluster do.
 */
public final class SoleBirth {

    private final FirstMember member;
    private final String diskId;
    private final FormedCluster cluster;

    /**
     * Forms the cluster, on no disk yet.
     *
     * @param diskId a random one
     */
    public SoleBirth(String clusterName, FirstMember member, StoreSettings settings, String diskId) {
        this.member = member;
        this.diskId = diskId;
        this.cluster = ClusterIds.form(
                BirthPlan.newBuilder()
                        .setClusterName(clusterName)
                        .addMembers(member)
                        .setSettings(settings)
                        .build(),
                List.of(diskId));
    }

    public String clusterId() {
        return cluster.getClusterId();
    }

    /** The one that the store begins. */
    public HistoryId history() {
        return new HistoryId(cluster.getFirstHistoryId());
    }

    /** Makes the directory that of a node that was started before. Its store and its log must be on disk. */
    public void write(Path directory) throws IOException {
        new BirthFile(directory)
                .write(new BirthFile.Content(
                        ExchangeBirthResponse.newBuilder()
                                .setNodeId(member.getNodeId())
                                .setDiskId(diskId)
                                .setFormed(cluster)
                                .build(),
                        true));
    }
}
