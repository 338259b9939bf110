// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

/** How far the log may grow, in entries or in bytes, whichever comes first. */
record LogGrowth(long entries, long bytes) {

    LogGrowth times(int entriesFactor, int bytesFactor) {
        return new LogGrowth(entries * entriesFactor, bytes * bytesFactor);
    }

    boolean isReached(LogMark from, LogMark to) {
        return to.index() - from.index() >= entries || to.bytes() - from.bytes() >= bytes;
    }
}
