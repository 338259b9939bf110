// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.transition.Registry;

/** What the replicated state of this node says. */
public record Replicated(String historyId, Registry registry, StoreSettings settings) {}
