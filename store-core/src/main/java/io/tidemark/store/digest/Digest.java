// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.digest;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;

/** A sum of row hashes modulo 2^128, and of how many rows. */
public record Digest(long high, long low, long rowCount) {

    /** Of no rows. */
    public static final Digest EMPTY = new Digest(0, 0, 0);

    /** This and the rows of another. */
    public Digest plus(Digest other) {
        long sum = low + other.low;
        return new Digest(high + other.high + carry(low, other.low, sum), sum, rowCount + other.rowCount);
    }

    /** This without the rows of another. */
    public Digest minus(Digest other) {
        long difference = low - other.low;
        long borrow = Long.compareUnsigned(low, other.low) < 0 ? 1 : 0;
        return new Digest(high - other.high - borrow, difference, rowCount - other.rowCount);
    }

    /** The sum as 16 bytes, big-endian; how the contract carries it. */
    public ByteString toBytes() {
        return ByteString.copyFrom(
                ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).flip());
    }

    /**
     * The other way.
     *
     * @throws IllegalArgumentException if these are not 16 bytes
     */
    public static Digest of(ByteString bytes, long rowCount) {
        if (bytes.size() != 2 * Long.BYTES) {
            throw new IllegalArgumentException(
                    "a digest of " + bytes.size() + " bytes (expected: " + 2 * Long.BYTES + ")");
        }
        ByteBuffer numbers = bytes.asReadOnlyByteBuffer();
        return new Digest(numbers.getLong(), numbers.getLong(), rowCount);
    }

    private static long carry(long a, long b, long sum) {
        // The top bit of a full adder's carry, without leaving 64 bits.
        return ((a & b) | ((a | b) & ~sum)) >>> (Long.SIZE - 1);
    }
}
