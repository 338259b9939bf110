// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.tidemark.proto.v1.SystemEffects;
import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.feed.EffectsCodec;
import io.tidemark.store.proto.v1.ChangedRow;
import io.tidemark.store.proto.v1.CommitRecord;
import io.tidemark.store.proto.v1.StoredMark;
import io.tidemark.store.transition.CommitMark;
import io.tidemark.store.transition.RowEffect;
import java.io.IOException;

/** A commit's {@link CommitRecord}, written without the messages for its rows: there is one for each commit. */
final class ChangeRecord {

    private ChangeRecord() {}

    static byte[] encode(CommitEffects commit, CommitMark commitMark) {
        StoredMark mark = Progress.mark(commitMark);
        SystemEffects system = EffectsCodec.systemEffects(commit.system());
        int size = CodedOutputStream.computeMessageSize(CommitRecord.MARK_FIELD_NUMBER, mark)
                + CodedOutputStream.computeMessageSize(CommitRecord.SYSTEM_EFFECTS_FIELD_NUMBER, system);
        for (RowEffect effect : commit.rows()) {
            int rowBytes = rowBytes(effect);
            size += CodedOutputStream.computeTagSize(CommitRecord.ROWS_FIELD_NUMBER)
                    + CodedOutputStream.computeUInt32SizeNoTag(rowBytes)
                    + rowBytes;
        }
        byte[] record = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(record);
        try {
            out.writeMessage(CommitRecord.MARK_FIELD_NUMBER, mark);
            for (RowEffect effect : commit.rows()) {
                out.writeTag(CommitRecord.ROWS_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag(rowBytes(effect));
                writeRow(out, effect);
            }
            out.writeMessage(CommitRecord.SYSTEM_EFFECTS_FIELD_NUMBER, system);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new IllegalStateException("an array took no bytes", e);
        }
        return record;
    }

    private static int rowBytes(RowEffect effect) {
        return CodedOutputStream.computeStringSize(
                        ChangedRow.TABLE_FIELD_NUMBER, effect.name().table())
                + CodedOutputStream.computeStringSize(
                        ChangedRow.KEY_FIELD_NUMBER, effect.name().key())
                + numberBytes(ChangedRow.SHARD_FIELD_NUMBER, effect.shard())
                + numberBytes(ChangedRow.POSITION_FIELD_NUMBER, effect.position())
                + numberBytes(ChangedRow.TOMBSTONE_CAUSE_FIELD_NUMBER, cause(effect));
    }

    private static int numberBytes(int field, int number) {
        return number == 0 ? 0 : CodedOutputStream.computeInt32Size(field, number);
    }

    private static void writeRow(CodedOutputStream out, RowEffect effect) throws IOException {
        out.writeString(ChangedRow.TABLE_FIELD_NUMBER, effect.name().table());
        out.writeString(ChangedRow.KEY_FIELD_NUMBER, effect.name().key());
        writeNumber(out, ChangedRow.SHARD_FIELD_NUMBER, effect.shard());
        writeNumber(out, ChangedRow.POSITION_FIELD_NUMBER, effect.position());
        writeNumber(out, ChangedRow.TOMBSTONE_CAUSE_FIELD_NUMBER, cause(effect));
    }

    private static void writeNumber(CodedOutputStream out, int field, int number) throws IOException {
        if (number != 0) {
            out.writeInt32(field, number);
        }
    }

    private static int cause(RowEffect effect) {
        TombstoneCause cause = effect instanceof RowEffect.Tombstone tombstone
                ? tombstone.cause()
                : TombstoneCause.TOMBSTONE_CAUSE_UNSPECIFIED;
        return cause.getNumber();
    }
}
