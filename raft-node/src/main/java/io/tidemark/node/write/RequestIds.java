// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Request ids for writes that come without: what nobody else draws, and a count. Thread-safe. */
final class RequestIds {

    private static final int RADIX = 36;

    private final String prefix;
    private final AtomicLong count = new AtomicLong();

    RequestIds() {
        SecureRandom random = new SecureRandom();
        this.prefix =
                Long.toUnsignedString(random.nextLong(), RADIX) + Long.toUnsignedString(random.nextLong(), RADIX) + "-";
    }

    String next() {
        return prefix + Long.toString(count.incrementAndGet(), RADIX);
    }
}
