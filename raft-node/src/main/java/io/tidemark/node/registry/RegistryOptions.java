// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import java.time.Duration;

/**
 * How the registry watches replicas.
 *
 * @param lossTimeout after so long a silence a replica is lost
 */
public record RegistryOptions(Duration lossTimeout) {

    private static final Duration INTERVAL_MAX = Duration.ofSeconds(1);
    private static final int INTERVALS_PER_TIMEOUT = 10;
    private static final int INTERVALS_PER_PAUSE = 3;

    public RegistryOptions {
        if (lossTimeout.compareTo(Duration.ofMillis(100)) < 0) {
            throw new IllegalArgumentException("loss timeout: " + lossTimeout + " (expected: at least 100 ms)");
        }
    }

    /** How often nodes report, and the leader looks. */
    public Duration interval() {
        Duration part = lossTimeout.dividedBy(INTERVALS_PER_TIMEOUT);
        return part.compareTo(INTERVAL_MAX) < 0 ? part : INTERVAL_MAX;
    }

    /** A leader that did not look for so long has been away itself, and knows nothing of that time. */
    Duration pauseMin() {
        return interval().multipliedBy(INTERVALS_PER_PAUSE);
    }
}
