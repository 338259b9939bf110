// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store;

import io.tidemark.proto.v1.ShardRange;
import io.tidemark.proto.v1.ShardSet;
import java.util.BitSet;
import java.util.stream.IntStream;

/** A set of shards. Immutable. */
public final class Shards {

    public static final Shards NONE = new Shards(new BitSet());

    private final BitSet bits;

    private Shards(BitSet bits) {
        this.bits = bits;
    }

    public static Shards of(int... shards) {
        BitSet bits = new BitSet();
        for (int shard : shards) {
            bits.set(shard);
        }
        return new Shards(bits);
    }

    /** From 0 to below the count. */
    public static Shards all(int shardCount) {
        BitSet bits = new BitSet();
        bits.set(0, shardCount);
        return new Shards(bits);
    }

    /**
     * What a message of the contract names.
     *
     * @throws IllegalArgumentException if it names a shard that there is not
     */
    public static Shards of(ShardSet set, int shardCount) {
        BitSet bits = new BitSet();
        for (ShardRange range : set.getRangesList()) {
            if (range.getFirst() < 0 || range.getFirst() > range.getLast() || range.getLast() >= shardCount) {
                throw new IllegalArgumentException("shards: " + range.getFirst() + " to " + range.getLast()
                        + " (expected: within 0 to " + (shardCount - 1) + ")");
            }
            bits.set(range.getFirst(), range.getLast() + 1);
        }
        return new Shards(bits);
    }

    public boolean contains(int shard) {
        return bits.get(shard);
    }

    public boolean isEmpty() {
        return bits.isEmpty();
    }

    public int count() {
        return bits.cardinality();
    }

    /** Rising. */
    public IntStream stream() {
        return bits.stream();
    }

    public Shards plus(Shards other) {
        BitSet union = (BitSet) bits.clone();
        union.or(other.bits);
        return new Shards(union);
    }

    public Shards minus(Shards other) {
        BitSet rest = (BitSet) bits.clone();
        rest.andNot(other.bits);
        return new Shards(rest);
    }

    public boolean intersects(Shards other) {
        return bits.intersects(other.bits);
    }

    public boolean containsAll(Shards other) {
        return other.minus(this).isEmpty();
    }

    /** As the contract writes it, in the fewest ranges. */
    public ShardSet toProto() {
        ShardSet.Builder set = ShardSet.newBuilder();
        for (int first = bits.nextSetBit(0); first >= 0; ) {
            int end = bits.nextClearBit(first);
            set.addRanges(ShardRange.newBuilder().setFirst(first).setLast(end - 1));
            first = bits.nextSetBit(end);
        }
        return set.build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shards shards && bits.equals(shards.bits);
    }

    @Override
    public int hashCode() {
        return bits.hashCode();
    }

    @Override
    public String toString() {
        return bits.toString();
    }
}
