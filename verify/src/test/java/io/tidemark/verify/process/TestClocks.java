// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Clocks of a server's own, which a test sets while the server runs: a small library that is loaded before all others adds what
 * this says to what the system's clocks show. Needs Linux and a C compiler. Belongs to one thread.
 */
public final class TestClocks {

    private static final Path SOURCE = Path.of("src", "test", "c", "clocks.c");

    private final Path file;
    private final Path library;
    private long wallNanos;
    private long monotonicNanos;

    private TestClocks(Path file, Path library) {
        this.file = file;
        this.library = library;
        write();
    }

    /** Why there can be none here; empty: there can. */
    public static Optional<String> obstacle() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.of("clocks can be set on Linux only, and this is " + System.getProperty("os.name"));
        }
        try {
            String unused = Tool.run("", List.of("cc", "--version"));
            return Optional.empty();
        } catch (AssertionError | UncheckedIOException e) {
            return Optional.of("clocks need a C compiler as cc: " + e.getMessage());
        }
    }

    /** Clocks that show the time, kept in this directory under this name. */
    public static TestClocks of(String name, Path directory) {
        Path library = directory.resolve("clocks.so");
        if (!Files.exists(library)) {
            String unused = Tool.run(
                    "",
                    List.of(
                            "cc",
                            "-O2",
                            "-Wall",
                            "-Werror",
                            "-shared",
                            "-fPIC",
                            "-o",
                            library.toString(),
                            SOURCE.toString(),
                            "-ldl"));
        }
        return new TestClocks(directory.resolve(name + ".clocks"), library);
    }

    /** A server there has these clocks. */
    public Place place(Place base) {
        return base.with(Map.of("LD_PRELOAD", library.toString(), "TEST_CLOCKS", file.toString()));
    }

    /** Somebody sets the wall clock: later, or earlier if it is negative. */
    public void setWall(Duration later) {
        wallNanos += later.toNanos();
        write();
    }

    /** The monotonic clock has stood still for so long, while the wall clock went on. Only while the server is paused. */
    public void suspended(Duration time) {
        monotonicNanos -= time.toNanos();
        write();
    }

    private void write() {
        ByteBuffer offsets = ByteBuffer.allocate(2 * Long.BYTES).order(ByteOrder.nativeOrder());
        offsets.putLong(wallNanos).putLong(monotonicNanos);
        try {
            // In place: the server has it mapped.
            Files.write(file, offsets.array(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
