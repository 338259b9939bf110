// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.offline;

import io.tidemark.node.birth.SoleBirth;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.FirstMember;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.state.StoreOptions;
import java.nio.file.Path;
import java.util.UUID;

/**
 * The node to make.
 *
 * @param directory its data directory: new or empty
 * @param clusterName of the new cluster. It may be that of an old one: it is by their ids that nodes of the two refuse each other
 * @param self the only voter
 */
public record NewNode(Path directory, String clusterName, Member self, StoreOptions store) {

    public NewNode {
        if (clusterName.isBlank()) {
            throw new IllegalArgumentException("clusterName: blank (expected: the name of the new cluster)");
        }
    }

    /** Another cluster each time, of a store with these settings. */
    SoleBirth born(StoreSettings settings) {
        return new SoleBirth(
                clusterName,
                FirstMember.newBuilder()
                        .setNodeId(self.id())
                        .setRaftAddress(self.raftAddress())
                        .setInternalAddress(self.internalAddress())
                        .setClientAddress(self.clientAddress())
                        .build(),
                settings,
                UUID.randomUUID().toString());
    }
}
