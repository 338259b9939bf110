// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.IOException;
import java.util.List;

/** The servers of a cluster, however they run. Thread-safe. */
interface Servers extends AutoCloseable {

    /** Starts them all; returns when all are ready. */
    void start() throws IOException, InterruptedException;

    /** How they are. */
    List<ServerState> states();

    /**
     * Does something to one of them, and says what.
     *
     * @throws OrderException if that cannot be done
     */
    String carryOut(Order order) throws IOException, InterruptedException;

    /** Stops all, and lets none start any more. */
    @Override
    void close();
}
