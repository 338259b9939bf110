// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Lines of a stream, none of them longer than a row can be. Of one thread. */
final class JsonLines {

    /** The largest value that a cluster may take, each of its bytes as an escape of six. */
    private static final int LINE_BYTES_MAX = 64 << 20;

    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long number;
    private long bytes;

    JsonLines(InputStream in) {
        this.in = new BufferedInputStream(in, BUFFER_BYTES);
    }

    /** Null: there is no more. */
    @Nullable String next() throws IOException {
        line.reset();
        int read = in.read();
        if (read < 0) {
            return null;
        }
        number++;
        while (read >= 0 && read != '\n') {
            if (line.size() >= LINE_BYTES_MAX) {
                throw new IllegalArgumentException("line " + number + " is longer than " + (LINE_BYTES_MAX >> 20)
                        + " MiB (expected: one row a line)");
            }
            line.write(read);
            read = in.read();
        }
        bytes += line.size() + 1L;
        return line.toString(StandardCharsets.UTF_8);
    }

    /** That of the line given last, from 1. */
    long number() {
        return number;
    }

    /** How many bytes were read. */
    long bytes() {
        return bytes;
    }
}
