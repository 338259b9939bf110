// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.api.HistoryId;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whose answers these are.
 *
 * @param cluster its id; empty while it is not known
 * @param history of the store that this node has; empty while it has none
 */
public record Identity(Supplier<String> cluster, String nodeId, Supplier<Optional<HistoryId>> history) {

    String clusterId() {
        return cluster.get();
    }
}
