// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import java.time.Duration;

/**
 * What backups may use.
 *
 * @param backupsMax how many states are held at a time, for backups under way and for those that broke off. Each keeps the files
 *     of its state on disk
 * @param heldMax for how long a state is held for a backup that broke off
 * @param stallMax for how long a caller may leave room for nothing before its backup breaks off
 * @param readWaitMax how long to wait for the state that the caller asks for
 * @param messageBytes how much goes into one message
 */
public record BackupOptions(
        int backupsMax, Duration heldMax, Duration stallMax, Duration readWaitMax, int messageBytes) {

    private static final int MESSAGE_BYTES = 256 << 10;

    public BackupOptions {
        if (backupsMax <= 0) {
            throw new IllegalArgumentException("backupsMax: " + backupsMax + " (expected: > 0)");
        }
        if (messageBytes <= 0) {
            throw new IllegalArgumentException("messageBytes: " + messageBytes + " (expected: > 0)");
        }
    }

    /** What production uses. */
    public static BackupOptions defaults() {
        return new BackupOptions(
                2, Duration.ofMinutes(10), Duration.ofMinutes(2), Duration.ofSeconds(30), MESSAGE_BYTES);
    }
}
