// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Where a command reads from and writes to. Values pass as the bytes that they are; text is UTF-8, whatever the machine's own character set.
 *
 * @param outIsTerminal whether a person reads what is written to {@code out}
 * @param errIsTerminal the same of {@code err}
 */
public record Streams(InputStream in, PrintStream out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal) {

    /** Which of a process' streams are terminals: Java cannot tell of each, so whoever starts it does. */
    private static final String TERMINALS = "tidemark.terminals";

    private static final int BUFFER_BYTES = 1 << 14;

    /** The object behind the top command, which knows them. */
    public interface Owner {
        Streams streams();
    }

    /** Those of this process. */
    public static Streams system() {
        List<String> terminals = List.of(System.getProperty(TERMINALS, "").split(",", -1));
        return new Streams(
                System.in,
                utf8(FileDescriptor.out),
                utf8(FileDescriptor.err),
                terminals.contains("out"),
                terminals.contains("err"));
    }

    private static PrintStream utf8(FileDescriptor file) {
        return text(new BufferedOutputStream(new FileOutputStream(file), BUFFER_BYTES));
    }

    /** What text written to it comes out as. */
    public static PrintStream text(OutputStream out) {
        return new PrintStream(out, false, StandardCharsets.UTF_8);
    }

    /** For what takes a writer. */
    public static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, StandardCharsets.UTF_8);
    }
}
