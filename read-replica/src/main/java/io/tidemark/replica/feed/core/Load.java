// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

/** How much the replica has to do. For the feed's thread. */
public interface Load {

    /** How many reads have asked for a bound or the newest state so far, however they ended. */
    long boundedReads();

    /** How many reads there have been. */
    long reads();

    /** The share of the CPU in use, 0 to 1. */
    double cpu();
}
