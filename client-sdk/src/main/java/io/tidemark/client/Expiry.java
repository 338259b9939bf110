// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * When a row expires. An expiry is a commit like any other: until then the row can be read, and watchers see it as an expiry.
 */
public sealed interface Expiry {

    /** So long after it is written, in log time. */
    static Expiry after(Duration ttl) {
        return new After(ttl);
    }

    /** At this time. */
    static Expiry at(Instant time) {
        return new At(time);
    }

    /** Never, whatever the table's default is. */
    static Expiry never() {
        return new Never();
    }

    /**
     * So long after it is written.
     *
     * @param ttl positive
     */
    record After(Duration ttl) implements Expiry {
        public After {
            Durations.requirePositive("ttl", ttl);
        }
    }

    /**
     * At a time; one that is past already means at once.
     *
     * @param time in log time
     */
    record At(Instant time) implements Expiry {
        public At {
            Objects.requireNonNull(time, "time");
        }
    }

    /** Never. */
    record Never() implements Expiry {}
}
