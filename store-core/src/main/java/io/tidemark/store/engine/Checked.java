// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Small files that end in the CRC32C of their content: footers, manifests, CURRENT. */
final class Checked {
    private static final int CRC_BYTES = 4;

    private Checked() {}

    interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    interface Reading<T> {
        T from(DataInputStream in) throws IOException;
    }

    static byte[] encode(int magic, Writing content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(magic);
        content.to(out);
        out.writeInt(crc(bytes.toByteArray(), bytes.size()));
        return bytes.toByteArray();
    }

    static <T> T decode(String file, byte[] bytes, int magic, Reading<T> content) {
        int length = bytes.length - CRC_BYTES;
        if (length < 0) {
            throw new CorruptionException(file, 0, "length: " + bytes.length);
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 0, length));
        try {
            if (storedCrc(bytes) != crc(bytes, length)) {
                throw new CorruptionException(file, -1, "file checksum");
            }
            int found = in.readInt();
            if (found != magic) {
                throw new CorruptionException(
                        file,
                        0,
                        "format " + Integer.toHexString(found) + " (expected: " + Integer.toHexString(magic) + ")");
            }
            T decoded = content.from(in);
            if (in.available() != 0) {
                throw new CorruptionException(file, length - in.available(), "bytes left over");
            }
            return decoded;
        } catch (IOException | RuntimeException e) {
            if (e instanceof CorruptionException known) {
                throw known;
            }
            throw new CorruptionException(file, length - 1L, "content: " + e, e);
        }
    }

    static int storedCrc(byte[] bytes) {
        byte[] end = Arrays.copyOfRange(bytes, bytes.length - CRC_BYTES, bytes.length);
        return (end[0] & 0xFF) << 24 | (end[1] & 0xFF) << 16 | (end[2] & 0xFF) << 8 | (end[3] & 0xFF);
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    static void write(Storage storage, String name, byte[] bytes) throws IOException {
        try (Storage.OutputFile file = storage.create(name)) {
            file.write(0, bytes, 0, bytes.length);
            file.sync();
        }
    }

    static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("length: " + length);
        }
        return in.readNBytes(length);
    }
}
