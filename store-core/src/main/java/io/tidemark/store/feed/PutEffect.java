// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.feed;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.tidemark.proto.v1.Effect;
import io.tidemark.proto.v1.Effects;
import io.tidemark.proto.v1.RowImage;
import io.tidemark.store.StoredRow;
import io.tidemark.store.transition.RowEffect;
import java.io.IOException;

/**
 * The {@link Effects} of a commit of one put, which most are, written without the messages between. The bytes are those that
 * the messages give.
 */
final class PutEffect {

    private PutEffect() {}

    /** Of a row that does not expire. */
    static ByteString encode(RowEffect.Put put) {
        int imageBytes = imageBytes(put.row());
        int effectBytes = textBytes(Effect.TABLE_FIELD_NUMBER, put.name().table())
                + textBytes(Effect.KEY_FIELD_NUMBER, put.name().key())
                + (put.position() == 0
                        ? 0
                        : CodedOutputStream.computeInt32Size(Effect.POSITION_FIELD_NUMBER, put.position()))
                + nestedBytes(Effect.PUT_FIELD_NUMBER, imageBytes);
        byte[] bytes = new byte[nestedBytes(Effects.EFFECTS_FIELD_NUMBER, effectBytes)];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            begin(out, Effects.EFFECTS_FIELD_NUMBER, effectBytes);
            writeText(out, Effect.TABLE_FIELD_NUMBER, put.name().table());
            writeText(out, Effect.KEY_FIELD_NUMBER, put.name().key());
            if (put.position() != 0) {
                out.writeInt32(Effect.POSITION_FIELD_NUMBER, put.position());
            }
            begin(out, Effect.PUT_FIELD_NUMBER, imageBytes);
            writeImage(out, put.row());
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new IllegalStateException("an array took no bytes", e);
        }
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    private static int imageBytes(StoredRow row) {
        return (row.value().isEmpty()
                        ? 0
                        : CodedOutputStream.computeBytesSize(RowImage.VALUE_FIELD_NUMBER, row.value()))
                + textBytes(RowImage.CONTENT_TYPE_FIELD_NUMBER, row.contentType())
                + CodedOutputStream.computeInt64Size(RowImage.VERSION_FIELD_NUMBER, row.version())
                + CodedOutputStream.computeInt64Size(RowImage.CREATED_INDEX_FIELD_NUMBER, row.createdIndex());
    }

    /** Version and index are never zero, which would not be written. */
    private static void writeImage(CodedOutputStream out, StoredRow row) throws IOException {
        if (!row.value().isEmpty()) {
            out.writeBytes(RowImage.VALUE_FIELD_NUMBER, row.value());
        }
        writeText(out, RowImage.CONTENT_TYPE_FIELD_NUMBER, row.contentType());
        out.writeInt64(RowImage.VERSION_FIELD_NUMBER, row.version());
        out.writeInt64(RowImage.CREATED_INDEX_FIELD_NUMBER, row.createdIndex());
    }

    private static int textBytes(int field, String text) {
        return text.isEmpty() ? 0 : CodedOutputStream.computeStringSize(field, text);
    }

    private static void writeText(CodedOutputStream out, int field, String text) throws IOException {
        if (!text.isEmpty()) {
            out.writeString(field, text);
        }
    }

    private static int nestedBytes(int field, int bytes) {
        return CodedOutputStream.computeTagSize(field) + CodedOutputStream.computeUInt32SizeNoTag(bytes) + bytes;
    }

    private static void begin(CodedOutputStream out, int field, int bytes) throws IOException {
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(bytes);
    }
}
