// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import java.time.Duration;

/**
 * What watches may use.
 *
 * @param watchesMax how many there may be at a time
 * @param filtersMax how many filters one may have
 * @param stallMax for how long a caller may leave room for nothing before it is cut off
 * @param storeAbsenceMax how long to wait for a store that is being replaced
 * @param openingWaitMax how long to wait for the state that a session has seen
 * @param readBytes how much to read from the feed in one step
 * @param batchBytes a message is sent once it has so much
 * @param messageBytesMax a commit that needs more comes in parts; one change may still be larger
 */
public record WatchOptions(
        int watchesMax,
        int filtersMax,
        Duration stallMax,
        Duration storeAbsenceMax,
        Duration openingWaitMax,
        long readBytes,
        int batchBytes,
        int messageBytesMax) {

    private static final int WATCHES = 50_000;
    private static final int FILTERS = 100;
    private static final Duration STALL = Duration.ofSeconds(30);
    private static final Duration STORE_ABSENCE = Duration.ofSeconds(10);
    private static final Duration OPENING_WAIT = Duration.ofSeconds(10);
    private static final int KIB = 1 << 10;

    public WatchOptions {
        requirePositive("watchesMax", watchesMax);
        requirePositive("filtersMax", filtersMax);
        requirePositive("stallMax", stallMax.toMillis());
        requirePositive("readBytes", readBytes);
        requirePositive("batchBytes", batchBytes);
        requirePositive("messageBytesMax", messageBytesMax);
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }

    /** What production uses. */
    public static WatchOptions defaults() {
        return new WatchOptions(WATCHES, FILTERS, STALL, STORE_ABSENCE, OPENING_WAIT, 256 * KIB, 64 * KIB, 1024 * KIB);
    }
}
