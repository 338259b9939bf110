// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.time.Duration;
import picocli.CommandLine.Option;

/** The options of commands that read. */
final class ReadAsk {

    @Option(
            names = "--consistency",
            defaultValue = "linearizable",
            description = "What gets ask for: ${COMPLETION-CANDIDATES}")
    Consistency consistency = Consistency.LINEARIZABLE;

    @Option(
            names = "--max-staleness",
            defaultValue = "5s",
            description = "The bound of bounded and session gets.",
            converter = DurationConverter.class)
    Duration maxStaleness = Duration.ZERO;
}
