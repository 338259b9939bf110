// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Names for writes, no two alike in a cluster: 80 random bits for this client, and a number for each write. Thread-safe. */
final class RequestIds {

    private static final int RADIX = 32;
    private static final int BITS_EACH = 40;

    private final String prefix;
    private final AtomicLong count = new AtomicLong();

    RequestIds() {
        SecureRandom random = new SecureRandom();
        this.prefix = text(random) + text(random) + "-";
    }

    private static String text(SecureRandom random) {
        return Long.toString((random.nextLong() >>> (Long.SIZE - BITS_EACH)) | 1L << BITS_EACH, RADIX)
                .substring(1);
    }

    String next() {
        return prefix + Long.toString(count.getAndIncrement(), RADIX);
    }
}
