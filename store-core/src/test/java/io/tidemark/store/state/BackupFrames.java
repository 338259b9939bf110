// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32C;

/** A backup taken to pieces, as its documentation says, to be put together otherwise with checksums that hold. */
final class BackupFrames {

    private static final byte[] MAGIC = "TIDEMARK-BACKUP\u0001".getBytes(StandardCharsets.ISO_8859_1);

    private BackupFrames() {}

    record Frame(byte type, ByteString payload) {}

    static List<Frame> of(byte[] backup) {
        ByteBuffer in = ByteBuffer.wrap(backup).position(MAGIC.length);
        List<Frame> frames = new ArrayList<>();
        while (in.hasRemaining()) {
            byte type = in.get();
            byte[] payload = new byte[in.getInt()];
            in.get(payload).getInt();
            frames.add(new Frame(type, ByteString.copyFrom(payload)));
        }
        return frames;
    }

    static byte[] toBytes(List<Frame> frames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(MAGIC);
        for (Frame frame : frames) {
            ByteBuffer bytes = ByteBuffer.allocate(5 + frame.payload().size() + 4);
            bytes.put(frame.type())
                    .putInt(frame.payload().size())
                    .put(frame.payload().toByteArray());
            CRC32C crc = new CRC32C();
            crc.update(bytes.array(), 0, bytes.position());
            out.writeBytes(bytes.putInt((int) crc.getValue()).array());
        }
        return out.toByteArray();
    }

    static <T extends MessageLite> void change(
            List<Frame> frames, int number, Parser<T> parser, UnaryOperator<T> change) {
        Frame frame = frames.get(number);
        try {
            T changed = change.apply(parser.parseFrom(frame.payload()));
            frames.set(number, new Frame(frame.type(), changed.toByteString()));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
