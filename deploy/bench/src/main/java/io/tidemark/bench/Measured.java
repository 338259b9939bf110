// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.time.Duration;
import picocli.CommandLine.Option;

/** The options of everything that is measured: for how long, and on which rows. */
final class Measured {

    @Option(
            names = "--warm-up",
            defaultValue = "10s",
            description = "Load before what is measured.",
            converter = DurationConverter.class)
    Duration warmUp = Duration.ZERO;

    @Option(
            names = "--duration",
            defaultValue = "30s",
            description = "How long is measured.",
            converter = DurationConverter.class)
    Duration duration = Duration.ZERO;

    @Option(names = "--table", defaultValue = "bench", description = "The table; made when it is not there.")
    String table = "";

    @Option(names = "--value-size", paramLabel = "BYTES", defaultValue = "256")
    int valueSize;
}
