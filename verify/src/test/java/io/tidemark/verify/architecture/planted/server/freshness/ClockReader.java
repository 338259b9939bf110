// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.architecture.planted.server.freshness;

import io.tidemark.verify.architecture.planted.store.StoreThatServes;
import org.jspecify.annotations.Nullable;

/** Reads a clock and starts a thread where a simulator must be able to. */
public class ClockReader {
    private @Nullable StoreThatServes store;

    public long read() {
        new Thread(() -> store = new StoreThatServes()).start();
        return store == null ? System.nanoTime() : 0;
    }
}
