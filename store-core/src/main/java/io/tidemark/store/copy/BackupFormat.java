// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.copy;

import java.nio.charset.StandardCharsets;

/** The bytes of a backup file: {@code docs/backup-format.md}. */
final class BackupFormat {

    /** The first bytes of every backup; the last one is the version of the format. */
    static final byte[] MAGIC = "TIDEMARK-BACKUP\u0001".getBytes(StandardCharsets.ISO_8859_1);

    static final byte HEADER = 1;
    static final byte ROWS = 2;
    static final byte TRAILER = 3;

    /** Type and length before a frame's payload; the checksum after it. */
    static final int FRAME_HEAD_BYTES = 1 + Integer.BYTES;

    static final int FRAME_TAIL_BYTES = Integer.BYTES;

    /** No frame is longer: a chunk of rows holds 1 MiB, or one row, whose value is at most 8 MiB. */
    static final int PAYLOAD_BYTES_MAX = 17 << 20;

    private BackupFormat() {}
}
