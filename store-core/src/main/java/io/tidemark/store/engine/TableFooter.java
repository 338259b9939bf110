// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** What is known of a table besides its rows; the content of its {@code .aux} file. */
record TableFooter(
        long tableBytes,
        int tableCrc,
        int pageBytes,
        @SuppressWarnings("ArrayRecordComponent") int[] directoryCrcs,
        long rows,
        long rowBytes,
        long minIndex,
        long maxIndex,
        @SuppressWarnings("ArrayRecordComponent") byte[] minKey,
        @SuppressWarnings("ArrayRecordComponent") byte[] maxKey,
        DeathHistogram deaths,
        BloomFilter bloom) {
    private static final int MAGIC = 0x746D4101;

    byte[] encode() throws IOException {
        return Checked.encode(MAGIC, this::writeTo);
    }

    private void writeTo(DataOutputStream out) throws IOException {
        out.writeLong(tableBytes);
        out.writeInt(tableCrc);
        out.writeInt(pageBytes);
        out.writeInt(directoryCrcs.length);
        for (int crc : directoryCrcs) {
            out.writeInt(crc);
        }
        out.writeLong(rows);
        out.writeLong(rowBytes);
        out.writeLong(minIndex);
        out.writeLong(maxIndex);
        Checked.writeBytes(out, minKey);
        Checked.writeBytes(out, maxKey);
        deaths.writeTo(out);
        Checked.writeBytes(out, bloom.bytes());
    }

    static TableFooter decode(String file, byte[] bytes) {
        return Checked.decode(file, bytes, MAGIC, TableFooter::readFrom);
    }

    private static TableFooter readFrom(DataInputStream in) throws IOException {
        long tableBytes = in.readLong();
        int tableCrc = in.readInt();
        int pageBytes = in.readInt();
        int[] directoryCrcs = new int[Math.min(in.readInt(), in.available() / 4)];
        for (int i = 0; i < directoryCrcs.length; i++) {
            directoryCrcs[i] = in.readInt();
        }
        return new TableFooter(
                tableBytes,
                tableCrc,
                pageBytes,
                directoryCrcs,
                in.readLong(),
                in.readLong(),
                in.readLong(),
                in.readLong(),
                Checked.readBytes(in),
                Checked.readBytes(in),
                DeathHistogram.readFrom(in),
                BloomFilter.ofBytes(Checked.readBytes(in)));
    }
}
