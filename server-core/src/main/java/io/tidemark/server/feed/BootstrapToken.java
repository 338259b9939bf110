// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

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

/**
 * Where a copy of shards may go on: which state, on which server, behind which row.
 *
 * @param state names the state that is held
 * @param rows how many rows the copy has up to there
 */
record BootstrapToken(String serverId, String state, long index, long rows, RowName passed) {

    private static final int VERSION = 1;

    String text() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(serverId);
            out.writeUTF(state);
            out.writeLong(index);
            out.writeLong(rows);
            out.writeUTF(passed.table());
            out.writeUTF(passed.key());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
    }

    /** @throws io.grpc.StatusRuntimeException if it is none */
    static BootstrapToken parse(String text) {
        try (DataInputStream in = new DataInputStream(
                new ByteArrayInputStream(Base64.getUrlDecoder().decode(text)))) {
            if (in.readByte() != VERSION) {
                throw bad();
            }
            BootstrapToken token = new BootstrapToken(
                    in.readUTF(), in.readUTF(), in.readLong(), in.readLong(), new RowName(in.readUTF(), in.readUTF()));
            if (in.read() >= 0 || token.rows < 0) {
                throw bad();
            }
            return token;
        } catch (IOException | IllegalArgumentException e) {
            throw bad();
        }
    }

    static RuntimeException bad() {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN,
                        "the resume_token is none that a copy of these shards came with; begin the copy anew")
                .toException();
    }
}
