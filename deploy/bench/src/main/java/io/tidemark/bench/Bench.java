// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import picocli.CommandLine;

/** The load generator as a program of its own. */
public final class Bench {

    private static final int FAILED = 1;

    private Bench() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command line of this program. */
    static CommandLine commandLine() {
        return new CommandLine(new BenchCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("bench: " + failure.getMessage());
                    return FAILED;
                });
    }
}
