// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import java.nio.charset.StandardCharsets;

/**
 * Which shard a row belongs to: the top bits of a 64-bit hash of (table, key).
 *
 * <p>The hash is XXH64 with seed 0 over the UTF-8 bytes of the table, one zero byte, and the UTF-8 bytes of the key. A
 * table name holds no zero byte, so no two rows share an input. Taking the <em>top</em> bits means that doubling the
 * number of shards splits each in two and moves nothing between others. Every client and server must agree on this for
 * ever: it is specified in {@code docs/wire-contract.md}, with test vectors for other languages.
 */
public final class ShardHash {

    public static final int SHARD_COUNT_DEFAULT = 1024;
    public static final int SHARD_COUNT_MAX = 1 << 16;

    private ShardHash() {}

    /** The hash of a row's name. */
    public static long hash(String table, String key) {
        byte[] tableBytes = table.getBytes(StandardCharsets.UTF_8);
        byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
        byte[] input = new byte[tableBytes.length + 1 + keyBytes.length];
        System.arraycopy(tableBytes, 0, input, 0, tableBytes.length);
        System.arraycopy(keyBytes, 0, input, tableBytes.length + 1, keyBytes.length);
        return XxHash64.hash(input, 0, input.length, 0);
    }

    /** The shard, 0 to {@code shardCount - 1}, of a row. */
    public static int shardOf(String table, String key, int shardCount) {
        return shardOf(hash(table, key), shardCount);
    }

    /** The shard, 0 to {@code shardCount - 1}, of a hash. */
    public static int shardOf(long hash, int shardCount) {
        requireShardCount(shardCount);
        int bits = Integer.numberOfTrailingZeros(shardCount);
        // A shift by 64 would be a shift by 0.
        return bits == 0 ? 0 : (int) (hash >>> (Long.SIZE - bits));
    }

    /** Throws unless it is a power of two from 1 to {@link #SHARD_COUNT_MAX}. */
    public static void requireShardCount(int shardCount) {
        if (shardCount < 1 || shardCount > SHARD_COUNT_MAX || Integer.bitCount(shardCount) != 1) {
            throw new IllegalArgumentException(
                    "shard count: " + shardCount + " (expected: a power of two from 1 to " + SHARD_COUNT_MAX + ")");
        }
    }
}
