// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.offline;

import io.tidemark.node.consensus.Member;
import io.tidemark.store.state.StoreOptions;
import java.nio.file.Path;

/**
 * The node to make.
 *
 * @param directory its data directory: new or empty
 * @param clusterId of the new cluster: another than that of any old one, so that nodes of the two never talk to each other
 * @param self the only voter
 */
public record NewNode(Path directory, String clusterId, Member self, StoreOptions store) {

    public NewNode {
        if (clusterId.isBlank()) {
            throw new IllegalArgumentException("clusterId: blank (expected: the name of the new cluster)");
        }
    }
}
