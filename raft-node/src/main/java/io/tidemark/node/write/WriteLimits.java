// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

/**
 * What the write path may hold.
 *
 * @param queueCommands how many commands may wait
 * @param queueBytes how large they may be together
 * @param entryCommands how many commands one entry may hold
 * @param entryBytes how large an entry may be, unless one command alone is larger
 * @param entryWeight how much the commands of one entry may write together: see {@link Weight}
 * @param commandBytes how large one command may be; with room for the entry around it, the log must take it
 * @param entriesUnderWay how many entries may be proposed and not yet applied; with one, each takes all that came meanwhile
 */
public record WriteLimits(
        int queueCommands,
        long queueBytes,
        int entryCommands,
        int entryBytes,
        long entryWeight,
        int commandBytes,
        int entriesUnderWay) {

    private static final int MIB = 1 << 20;

    public WriteLimits {
        if (queueCommands < 1
                || queueBytes < 1
                || entryCommands < 1
                || entryBytes < 1
                || entryWeight < 1
                || commandBytes < 1
                || entriesUnderWay < 1) {
            throw new IllegalArgumentException("write limits: expected: all positive");
        }
    }

    /** What production uses. */
    public static WriteLimits defaults() {
        return new WriteLimits(8192, 64L * MIB, 1024, 4 * MIB, 32L * MIB, 8 * MIB - (MIB >> 2), 1);
    }
}
