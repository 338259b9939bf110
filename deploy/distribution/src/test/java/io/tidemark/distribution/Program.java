// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A program of the operating system, which need not be there. */
record Program(Path path) {

    /** What it said, on either stream, and how it ended. */
    record Outcome(int exitCode, String output) {

        /** What it said, if it ended well; fails the test otherwise. */
        String outputIfWell() {
            if (exitCode != 0) {
                throw new AssertionError("exit code " + exitCode + ": " + output);
            }
            return output;
        }
    }

    /** The one on the {@code PATH}; where there is none the test is skipped, and says so. */
    static Program orSkip(String name) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Program::new)
                .orElseGet(() -> Assumptions.abort(name + " is not on the PATH"));
    }

    Outcome run(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(path.toString()).redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output);
    }
}
