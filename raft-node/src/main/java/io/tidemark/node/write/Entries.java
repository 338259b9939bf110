// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.tidemark.store.proto.v1.Entry;
import java.io.IOException;
import java.util.List;

/** Puts an encoded {@code Entry} together from encoded commands, which are copied as they are. */
final class Entries {

    private Entries() {}

    /** How much of an entry a command takes. */
    static int bytesOf(ByteString command) {
        return CodedOutputStream.computeBytesSize(Entry.COMMANDS_FIELD_NUMBER, command);
    }

    /** @param head the entry without its commands */
    static ByteString encode(Entry head, List<Submission> commands) {
        int size = head.getSerializedSize();
        for (Submission command : commands) {
            size += bytesOf(command.command());
        }
        byte[] bytes = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            head.writeTo(out);
            for (Submission command : commands) {
                // A message and its bytes look the same on the wire.
                out.writeBytes(Entry.COMMANDS_FIELD_NUMBER, command.command());
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new IllegalStateException("an entry of " + size + " bytes did not fit into as many", e);
        }
        return UnsafeByteOperations.unsafeWrap(bytes);
    }
}
