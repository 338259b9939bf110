// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that does something and ends. Its failures are for {@link Failures}. */
@Command(sortOptions = false, usageHelpAutoWidth = true, footerHeading = "%nExamples:%n")
public abstract class CliCommand implements Callable<Integer> {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            order = 101,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    @Option(
            names = "--verbose",
            order = 100,
            description = "If it fails, tell all that is known: what was tried, and where it came up.")
    private boolean verbose;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public final Integer call() throws Exception {
        // Before the first logger is made, which reads it. What went wrong is in the message.
        System.setProperty("tidemark.log.level", verbose ? "info" : "off");
        try {
            int code = run();
            if (streams().out().checkError()) {
                throw new OutputClosedException();
            }
            return code;
        } finally {
            streams().out().flush();
            streams().err().flush();
        }
    }

    /** Does it, and gives the {@link ExitCode}. */
    protected abstract int run() throws Exception;

    /** Whether failures are told with all that is known. */
    final boolean verbose() {
        return verbose;
    }

    /** What a user can do about a failure to reach anybody; empty: nothing in particular. */
    protected String whenUnreachable() {
        return "";
    }

    protected final Streams streams() {
        return ((Streams.Owner) spec.root().userObject()).streams();
    }

    /** Says something that is not a result. */
    protected final void tell(String line) {
        streams().out().flush();
        streams().err().println("tidemark: " + line);
        streams().err().flush();
    }

    /** What was given is wrong. */
    protected final ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    protected final CommandSpec spec() {
        return spec;
    }
}
