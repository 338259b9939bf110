// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.server.freshness.Proof;

/** Waits for a proof. Told once how it ended, on the feed's thread, where it must be quick. */
public interface ProofListener {

    /** The probe that is to serve it goes out next. Who stands for several may take on others until now, and nobody after. */
    default void begins() {}

    /** By a probe that was sent after it had begun to wait. */
    void proven(Proof proof);

    /**
     * No proof came.
     *
     * @param why for the caller of a read
     */
    void notProven(String why);
}
