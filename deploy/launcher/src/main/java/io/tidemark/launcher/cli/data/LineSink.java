// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.GivenFile;
import io.tidemark.launcher.cli.Json;
import io.tidemark.launcher.cli.Streams;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where an export goes: standard output, or a file, which has its name only when all of it is on disk and {@code NAME.partial} until then. Of
 * one thread.
 */
final class LineSink implements AutoCloseable {

    private static final int CHECK_LINES = 1_000;
    private static final int BUFFER_BYTES = 1 << 16;

    private final PrintStream out;
    private final @Nullable Path file;
    private final @Nullable FileChannel channel;
    private long lines;

    private LineSink(PrintStream out, @Nullable Path file, @Nullable FileChannel channel) {
        this.out = out;
        this.file = file;
        this.channel = channel;
    }

    /** @param file null: standard output */
    static <E extends RuntimeException> LineSink open(
            Streams streams, @Nullable Path file, Function<String, E> wrongUsage) throws IOException {
        if (file == null) {
            return new LineSink(streams.out(), null, null);
        }
        if (Files.exists(file)) {
            throw wrongUsage.apply("--out " + file + " is there already (expected: a new file)");
        }
        GivenFile.requireDirectoryOf(file);
        FileChannel channel = FileChannel.open(
                partial(file),
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        return new LineSink(
                Streams.text(new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES)), file, channel);
    }

    private static Path partial(Path file) {
        return file.resolveSibling(file.getFileName() + ".partial");
    }

    void add(Fields row) throws IOException {
        out.print(Json.line(row.toMap()));
        out.print('\n');
        lines++;
        if (lines % CHECK_LINES == 0) {
            check();
        }
    }

    long lines() {
        return lines;
    }

    private void check() throws IOException {
        if (out.checkError()) {
            throw new IOException((file == null ? "standard output" : partial(file))
                    + " could not be written: the export is not complete");
        }
    }

    /** All is there. */
    void complete() throws IOException {
        check();
        if (file != null && channel != null) {
            channel.force(true);
            Files.move(partial(file), file, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
