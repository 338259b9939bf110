// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/** Told how far a scrub has come. What it throws ends the scrub and reaches the caller: so it is cancelled or slowed. */
@FunctionalInterface
public interface ScrubProgress {
    ScrubProgress IGNORED = (done, total) -> {};

    /** Called before the first table and after each, by the thread that scrubs. */
    void read(long bytesDone, long bytesTotal);
}
