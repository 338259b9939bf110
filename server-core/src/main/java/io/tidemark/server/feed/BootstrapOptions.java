// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import java.time.Duration;

/**
 * What copies of shards may use.
 *
 * @param bootstrapsMax how many states are held at a time, for copies under way and for those that broke off. Each keeps the files
 *     of its state on disk
 * @param heldMax for how long a state is held for a copy that broke off
 * @param stallMax for how long a receiver may leave room for nothing before its copy breaks off
 * @param waitMax how long to wait for the index that a receiver asks for
 * @param messageBytes how much goes into one message, about; a larger row goes alone
 * @param messageRows how many rows to pass for one message, those of other shards included: where few rows are of the copy, messages
 *     come with few rows or none, but they come
 */
public record BootstrapOptions(
        int bootstrapsMax, Duration heldMax, Duration stallMax, Duration waitMax, int messageBytes, int messageRows) {

    private static final int MESSAGE_BYTES = 256 << 10;
    private static final int MESSAGE_ROWS = 50_000;

    public BootstrapOptions {
        requirePositive("bootstrapsMax", bootstrapsMax);
        requirePositive("messageBytes", messageBytes);
        requirePositive("messageRows", messageRows);
    }

    private static void requirePositive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
        }
    }

    /** What production uses. */
    public static BootstrapOptions defaults() {
        return new BootstrapOptions(
                4, Duration.ofMinutes(2), Duration.ofSeconds(30), Duration.ofSeconds(10), MESSAGE_BYTES, MESSAGE_ROWS);
    }
}
