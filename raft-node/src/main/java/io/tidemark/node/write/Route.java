// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.Message;
import io.tidemark.server.forward.ForwardOutcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** How the parts of a call are passed on to the leader together. */
@FunctionalInterface
interface Route<Q extends Message, A> {

    /**
     * Parts on their way.
     *
     * @param outcomes one for each, in order; never fails
     * @param cancel gives up waiting for them
     */
    record Passage<A>(CompletableFuture<List<ForwardOutcome<A>>> outcomes, Runnable cancel) {}

    Passage<A> pass(String address, List<Part<Q, A>> parts, Duration timeout);
}
