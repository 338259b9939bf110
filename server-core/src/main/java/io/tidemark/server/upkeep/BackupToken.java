// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.store.RowName;
import io.tidemark.store.state.Backup;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Where a backup may go on: which state, on which server, and the place in the file.
 *
 * @param backup names the state that is held
 */
record BackupToken(String serverId, String backup, long index, Backup.Place place) {

    private static final int VERSION = 1;

    String text() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(serverId);
            out.writeUTF(backup);
            out.writeLong(index);
            out.writeLong(place.rows());
            out.writeLong(place.bytes());
            RowName passed = place.passed();
            out.writeBoolean(passed != null);
            if (passed != null) {
                out.writeUTF(passed.table());
                out.writeUTF(passed.key());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
    }

    /** @throws io.grpc.StatusRuntimeException if it is none */
    static BackupToken parse(String text) {
        try (DataInputStream in = new DataInputStream(
                new ByteArrayInputStream(Base64.getUrlDecoder().decode(text)))) {
            if (in.readByte() != VERSION) {
                throw bad();
            }
            String serverId = in.readUTF();
            String backup = in.readUTF();
            long index = in.readLong();
            long rows = in.readLong();
            long bytes = in.readLong();
            RowName passed = passed(in);
            if (in.read() >= 0 || rows < 0 || bytes < 0 || (passed == null) != (bytes == 0)) {
                throw bad();
            }
            return new BackupToken(serverId, backup, index, new Backup.Place(passed, rows, bytes));
        } catch (IOException | IllegalArgumentException e) {
            throw bad();
        }
    }

    private static @Nullable RowName passed(DataInputStream in) throws IOException {
        return in.readBoolean() ? new RowName(in.readUTF(), in.readUTF()) : null;
    }

    private static RuntimeException bad() {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_BAD_PAGE_TOKEN,
                        "the resume_token is none that a backup came with; begin the backup anew")
                .toException();
    }
}
