// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.succession;

import java.util.concurrent.CompletableFuture;

/** Looks whether anybody listens at a port. */
public interface Knocker {

    /**
     * Returns at once; what it returns never fails.
     *
     * @param address host:port
     */
    CompletableFuture<Knock> knock(String address);
}
