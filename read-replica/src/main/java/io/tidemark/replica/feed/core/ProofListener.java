// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.server.freshness.Proof;

/** Waits for a proof. Told once, on the feed's thread, where it must be quick. */
public interface ProofListener {

    /** By a probe that was sent after it had begun to wait. */
    void proven(Proof proof);

    /**
     * No proof came.
     *
     * @param why for the caller of a read
     */
    void notProven(String why);
}
