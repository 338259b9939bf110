// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.tidemark.proto.v1.Replica;

/** Watches a replica being drained. Quick, and does not throw. */
public interface DrainWatcher {

    /** How it is now; it still serves shards. */
    void draining(Replica replica);

    /** Whether nobody watches any more. The drain itself goes on. */
    boolean isGone();
}
