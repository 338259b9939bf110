// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --output}, for commands to mix in. */
public final class OutputOption {

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            order = 80,
            description = "table (for people), json or yaml (for programs).")
    private @Nullable OutputFormat format;

    /** The form asked for, else for people. */
    public OutputFormat format() {
        return format == null ? OutputFormat.TABLE : format;
    }

    /** Whether one was asked for. */
    public boolean isGiven() {
        return format != null;
    }

    public Output to(Streams streams) {
        return new Output(streams, format());
    }
}
