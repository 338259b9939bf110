// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.api.HistoryId;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whose answers these are.
 *
 * @param history of the store that this node has; empty while it has none
 */
public record Identity(String clusterId, String nodeId, Supplier<Optional<HistoryId>> history) {}
