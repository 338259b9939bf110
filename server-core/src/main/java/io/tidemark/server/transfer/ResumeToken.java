// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.transfer;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.store.RowName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Where a copy of a server's state may go on: which state, on which server, behind which row.
 *
 * @param state names the state that is held
 * @param passed null: at the first row
 * @param rows how many rows the copy has up to there
 * @param bytes how many bytes, where that is known
 */
public record ResumeToken(
        String serverId, String state, long index, @Nullable RowName passed, long rows, long bytes) {

    private static final int VERSION = 2;

    public String text() {
        ByteArrayOutputStream bytesOut = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytesOut)) {
            out.writeByte(VERSION);
            out.writeUTF(serverId);
            out.writeUTF(state);
            out.writeLong(index);
            out.writeLong(rows);
            out.writeLong(bytes);
            out.writeBoolean(passed != null);
            if (passed != null) {
                out.writeUTF(passed.table());
                out.writeUTF(passed.key());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytesOut.toByteArray());
    }

    /**
     * The other way.
     *
     * @param what it should be of, in a word
     * @throws StatusRuntimeException if it is none
     */
    public static ResumeToken parse(String what, String text) {
        try (DataInputStream in = new DataInputStream(
                new ByteArrayInputStream(Base64.getUrlDecoder().decode(text)))) {
            if (in.readByte() != VERSION) {
                throw bad(what);
            }
            String serverId = in.readUTF();
            String state = in.readUTF();
            long index = in.readLong();
            long rows = in.readLong();
            long bytes = in.readLong();
            RowName passed = in.readBoolean() ? new RowName(in.readUTF(), in.readUTF()) : null;
            if (in.read() >= 0 || rows < 0 || bytes < 0 || (passed == null && (rows > 0 || bytes > 0))) {
                throw bad(what);
            }
            return new ResumeToken(serverId, state, index, passed, rows, bytes);
        } catch (IOException | IllegalArgumentException e) {
            throw bad(what);
        }
    }

    /** The token is not one of such a copy. */
    public static StatusRuntimeException bad(String what) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN,
                        "the resume_token is none that this " + what + " came with; begin the " + what + " anew")
                .toException();
    }
}
