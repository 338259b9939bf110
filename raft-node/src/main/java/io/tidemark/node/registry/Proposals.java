// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.transition.Outcome;
import java.util.concurrent.CompletableFuture;

/** Takes commands into the log, on the node that leads. */
@FunctionalInterface
public interface Proposals {

    /**
     * Completes once the command is applied, with what it did; fails with the error for whoever wanted it.
     *
     * @param what is being done, for errors
     */
    CompletableFuture<Outcome> propose(String what, Command command);
}
