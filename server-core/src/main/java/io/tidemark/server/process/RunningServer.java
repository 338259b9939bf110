// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import java.util.concurrent.CompletableFuture;

/** A server of some role. Whoever started it closes it, also when it has failed. */
public interface RunningServer extends AutoCloseable {

    /** Ends, exceptionally, when the server cannot go on; a {@link StartException} is for the operator to mend. */
    CompletableFuture<Void> failure();

    /** Drains and closes. */
    @Override
    void close();
}
