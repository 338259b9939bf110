// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;

/** Where in the Raft log a store is: term and Raft index of the last entry applied, eight bytes each. */
final class RaftPosition {

    private static final int BYTES = 2 * Long.BYTES;

    private RaftPosition() {}

    static ByteString encode(TermIndex at) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(at.getTerm()).putLong(at.getIndex()).flip();
        return ByteString.copyFrom(bytes);
    }

    /** Null: no entry was applied yet. */
    static @Nullable TermIndex decode(ByteString position) {
        if (position.isEmpty()) {
            return null;
        }
        if (position.size() != BYTES) {
            throw new IllegalStateException(
                    "position of the store: " + position.size() + " bytes (expected: " + BYTES + ")");
        }
        ByteBuffer bytes = position.asReadOnlyByteBuffer();
        return TermIndex.valueOf(bytes.getLong(), bytes.getLong());
    }
}
