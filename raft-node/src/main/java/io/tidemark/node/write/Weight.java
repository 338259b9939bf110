// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

/**
 * How much a command may write, which can be far more than its own size: a patch of a few bytes writes the whole row anew. An
 * upper bound, for the bound on what one entry does to memory and disk.
 *
 * @param written bytes that it writes whatever the rows are: what it brings along, and tombstones
 * @param patchedRows how many rows it patches
 * @param patchedBytes the size of those rows when they were looked up
 * @param mark the path's {@link WritePath#settledBytes} before they were: since then each can have grown by no more than what was
 *     written meanwhile
 * @param max the most that it can be, whatever the rows are
 */
public record Weight(long written, int patchedRows, long patchedBytes, long mark, long max) {

    /** Of a command that only writes what it brings along. */
    public static Weight ofWritten(long bytes) {
        return new Weight(bytes, 0, 0, 0, bytes);
    }

    /**
     * The bound.
     *
     * @param writtenBefore what all commands before it write, counted as {@code mark} is
     * @param rowBytesMax the largest that a row can be
     */
    long bound(long writtenBefore, long rowBytesMax) {
        long growth = Math.min(rowBytesMax, Math.max(0, writtenBefore - mark));
        return Math.min(max, written + patchedBytes + patchedRows * growth);
    }
}
