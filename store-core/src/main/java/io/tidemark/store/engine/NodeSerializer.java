// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import org.mapdb.DataInput2;
import org.mapdb.DataOutput2;
import org.mapdb.serializer.GroupSerializer;

/**
 * A node's keys or values as one block: what they have in common, the ends of the rest, the rest, padding, CRC32C.
 *
 * <p>Keys of a node share a prefix; values do not, theirs is empty. The ends make one entry readable without the others.
 * A block begins with whatever MapDB wrote before (the number of keys), and the checksum covers that too. In memory a
 * group is a {@code byte[][]}. For MapDB's reader alone: {@link PageWriter} writes the blocks, and tables never change.
 */
final class NodeSerializer implements GroupSerializer<byte[]> {
    /** Padded to this, blocks are told apart by the grain of {@link MappedVolume}'s bits. */
    static final int BLOCK_BYTES_MIN = 64;

    @Override
    public void valueArraySerialize(DataOutput2 out, Object group) {
        throw new UnsupportedOperationException("serialize");
    }

    @Override
    public Object valueArrayDeserialize(DataInput2 in, int size) throws IOException {
        byte[] prefix = new byte[in.readUnsignedShort()];
        in.readFully(prefix);
        int[] ends = new int[size];
        for (int i = 0; i < size; i++) {
            ends[i] = in.readInt();
        }
        byte[][] entries = new byte[size][];
        int start = 0;
        for (int i = 0; i < size; i++) {
            entries[i] = entry(in, prefix, ends[i] - start);
            start = ends[i];
        }
        return entries;
    }

    @Override
    public byte[] valueArrayBinaryGet(DataInput2 in, int size, int pos) throws IOException {
        byte[] prefix = new byte[in.readUnsignedShort()];
        in.readFully(prefix);
        int ends = in.getPos();
        int start = 0;
        if (pos > 0) {
            in.setPos(ends + 4 * (pos - 1));
            start = in.readInt();
        } else {
            in.setPos(ends);
        }
        int end = in.readInt();
        in.setPos(ends + 4 * size + start);
        return entry(in, prefix, end - start);
    }

    private static byte[] entry(DataInput2 in, byte[] prefix, int length) throws IOException {
        byte[] entry = Arrays.copyOf(prefix, prefix.length + length);
        in.readFully(entry, prefix.length, length);
        return entry;
    }

    @Override
    public int compare(byte[] a, byte[] b) {
        return Arrays.compareUnsigned(a, b);
    }

    @Override
    public boolean equals(byte[] a, byte[] b) {
        return Arrays.equals(a, b);
    }

    @Override
    public int hashCode(byte[] bytes, int seed) {
        return 31 * seed + Arrays.hashCode(bytes);
    }

    @Override
    public int valueArraySearch(Object group, byte[] key) {
        return Arrays.binarySearch((byte[][]) group, key, Arrays::compareUnsigned);
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // MapDB's signature
    public int valueArraySearch(Object group, byte[] key, Comparator comparator) {
        return Arrays.binarySearch((byte[][]) group, key, (Comparator<byte[]>) comparator);
    }

    @Override
    public byte[] valueArrayGet(Object group, int pos) {
        return ((byte[][]) group)[pos];
    }

    @Override
    public int valueArraySize(Object group) {
        return ((byte[][]) group).length;
    }

    @Override
    public Object valueArrayEmpty() {
        return new byte[0][];
    }

    @Override
    public Object valueArrayFromArray(Object[] objects) {
        return Arrays.copyOf(objects, objects.length, byte[][].class);
    }

    @Override
    public Object valueArrayCopyOfRange(Object group, int from, int to) {
        return Arrays.copyOfRange((byte[][]) group, from, to);
    }

    @Override
    public Object valueArrayPut(Object group, int pos, byte[] value) {
        throw new UnsupportedOperationException("put");
    }

    @Override
    public Object valueArrayUpdateVal(Object group, int pos, byte[] value) {
        throw new UnsupportedOperationException("update");
    }

    @Override
    public Object valueArrayDeleteValue(Object group, int pos) {
        throw new UnsupportedOperationException("delete");
    }

    @Override
    public void serialize(DataOutput2 out, byte[] value) {
        throw new UnsupportedOperationException("single values");
    }

    @Override
    public byte[] deserialize(DataInput2 in, int available) {
        throw new UnsupportedOperationException("single values");
    }
}
