// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The keys and values of a load. A key is its number in decimal digits behind leading zeros; a value is one of a pool of random
 * ones, made beforehand so that making them costs the run nothing. Immutable.
 */
final class Rows {

    private static final int POOL_BYTES = 4 << 20;
    private static final int POOL_VALUES_MAX = 1024;

    private final KeyChoice choice;
    private final int keyBytes;
    private final ByteString[] values;

    Rows(Plan.RowShape shape) {
        this.choice = switch (shape.distribution()) {
            case UNIFORM -> KeyChoice.uniform(shape.keys());
            case ZIPF -> new Zipf(shape.keys());
        };
        this.keyBytes = shape.keyBytes();
        this.values = pool(shape.valueBytes());
    }

    String nextKey() {
        return key(choice.next());
    }

    String key(long number) {
        char[] digits = new char[keyBytes];
        Arrays.fill(digits, '0');
        long rest = number;
        for (int i = keyBytes - 1; rest > 0; i--) {
            digits[i] = (char) ('0' + rest % 10);
            rest /= 10;
        }
        return new String(digits);
    }

    ByteString nextValue() {
        return values[ThreadLocalRandom.current().nextInt(values.length)];
    }

    private static ByteString[] pool(int valueBytes) {
        SplittableRandom random = new SplittableRandom(valueBytes);
        ByteString[] pool =
                new ByteString[Math.max(1, Math.min(POOL_VALUES_MAX, POOL_BYTES / Math.max(1, valueBytes)))];
        for (int i = 0; i < pool.length; i++) {
            byte[] bytes = new byte[valueBytes];
            random.nextBytes(bytes);
            pool[i] = ByteString.copyFrom(bytes);
        }
        return pool;
    }
}
