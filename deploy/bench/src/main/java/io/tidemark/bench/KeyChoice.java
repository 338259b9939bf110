// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.util.concurrent.ThreadLocalRandom;

/** Which of the keys 0 to n-1 the next call is about. Thread-safe. */
interface KeyChoice {

    long next();

    /** All keys equally often. */
    static KeyChoice uniform(long keys) {
        return () -> ThreadLocalRandom.current().nextLong(keys);
    }
}
