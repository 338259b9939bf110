// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

/**
 * A place in the log.
 *
 * @param index of the entry there
 * @param bytes of the entries applied up to there since this node started
 */
record LogMark(long index, long bytes) {

    LogMark plus(long nextIndex, long nextBytes) {
        return new LogMark(nextIndex, bytes + nextBytes);
    }
}
