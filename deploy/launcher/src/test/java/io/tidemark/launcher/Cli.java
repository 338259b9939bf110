// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.launcher.cli.Streams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs commands as a user does, and has what they printed. */
final class Cli {

    private final List<String> common;

    /** @param common arguments that every command gets */
    Cli(String... common) {
        this.common = List.of(common);
    }

    static Cli of(List<String> endpoints) {
        return new Cli("--endpoints=" + String.join(",", endpoints));
    }

    record Run(int code, String out, String err) {

        /** What there is to say if it should have ended otherwise. */
        String all() {
            return "exit code " + code + "\n" + out + err;
        }
    }

    Run run(String... arguments) {
        return runWith("", arguments);
    }

    /** With something on standard input. */
    Run runWith(String in, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Streams streams = new Streams(
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                Streams.text(out),
                Streams.text(err),
                false,
                false);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(common);
        int code = Tidemark.commandLine(streams).execute(all.toArray(String[]::new));
        return new Run(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
