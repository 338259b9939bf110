// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.launcher.cli.GivenFile;
import io.tidemark.launcher.cli.JsonText;
import io.tidemark.launcher.cli.RowForm;
import io.tidemark.launcher.cli.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A value as a user gave it: as the argument itself, {@code @FILE} for what is in a file, {@code -} for what comes on standard input.
 * {@code @@} at the beginning stands for one {@code @}.
 */
final class GivenValue {

    /** No cluster takes larger ones; without a bound a pipe without an end would fill the memory. */
    private static final int BYTES_MAX = 16 << 20;

    private static final String HELP = "VALUE itself, @FILE, or - for standard input";

    private final byte[] bytes;

    private GivenValue(byte[] bytes) {
        this.bytes = bytes;
    }

    static GivenValue read(String argument, Streams streams) throws IOException {
        if (argument.equals("-")) {
            return new GivenValue(read(streams.in(), "standard input"));
        }
        if (argument.startsWith("@@")) {
            return ofText(argument.substring(1));
        }
        if (argument.startsWith("@")) {
            Path file = Path.of(argument.substring(1));
            try (InputStream in = GivenFile.open(file)) {
                return new GivenValue(read(in, file.toString()));
            }
        }
        return ofText(argument);
    }

    private static GivenValue ofText(String text) {
        return new GivenValue(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] read(InputStream in, String what) throws IOException {
        byte[] bytes = in.readNBytes(BYTES_MAX + 1);
        if (bytes.length > BYTES_MAX) {
            throw new IllegalArgumentException(
                    what + " has more than " + (BYTES_MAX >> 20) + " MiB (expected: " + HELP + ")");
        }
        return bytes;
    }

    /** Nobody may change them. */
    byte[] bytes() {
        return bytes;
    }

    /** What it looks like: JSON, text, or neither. */
    String contentType() {
        Optional<String> text = RowForm.text(bytes);
        if (text.isEmpty()) {
            return "application/octet-stream";
        }
        return text.flatMap(JsonText::of).isPresent() ? "application/json" : "text/plain";
    }
}
