// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Consistency;
import io.tidemark.client.ReadOptions;
import io.tidemark.launcher.cli.ConsistencyConverter;
import picocli.CommandLine.Option;

/** How fresh a read must be, for commands to mix in. */
final class ReadOption {

    @Option(
            names = {"-c", "--consistency"},
            paramLabel = "ASK",
            order = 10,
            defaultValue = "linearizable",
            converter = ConsistencyConverter.class,
            description = {
                "How fresh it must be (default: ${DEFAULT-VALUE}):",
                "  linearizable      the newest acknowledged state",
                "  bounded:DURATION  all that was acknowledged until so long ago",
                "  lag:COMMITS       at most so many commits behind",
                "  session:TOKEN     at least what an earlier answer had seen",
                "  eventual          whatever a server has",
                "  index:N           exactly the state at an index",
                "  time:INSTANT      exactly the state at a time",
                "Several of bounded, lag, session, separated by commas, must all hold."
            })
    private Consistency consistency = Consistency.linearizable();

    @Option(
            names = "--serve-unmet",
            order = 11,
            description = "If no server can prove that in time, take what is there, and say what is missing.")
    private boolean serveUnmet;

    Consistency consistency() {
        return consistency;
    }

    ReadOptions toOptions() {
        ReadOptions options = ReadOptions.with(consistency);
        return serveUnmet ? options.withServeUnmet() : options;
    }
}
