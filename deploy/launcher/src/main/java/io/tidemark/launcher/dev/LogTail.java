// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** What somebody else appends to a file, line by line; also after the file was removed. Of one thread. */
final class LogTail implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 12;

    private final FileChannel file;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    private LogTail(FileChannel file) {
        this.file = file;
    }

    static LogTail of(Path file) throws IOException {
        return new LogTail(FileChannel.open(file, StandardOpenOption.READ));
    }

    /** The lines that are complete by now, and were not given before. */
    List<String> next() throws IOException {
        List<String> lines = new ArrayList<>();
        while (file.read(buffer.clear()) > 0) {
            buffer.flip();
            while (buffer.hasRemaining()) {
                byte next = buffer.get();
                if (next == '\n') {
                    lines.add(line.toString(StandardCharsets.UTF_8));
                    line.reset();
                } else {
                    line.write(next);
                }
            }
        }
        return lines;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
