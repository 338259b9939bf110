// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

/** What commands end with. Scripts go by it, so a number never gets another meaning. */
public final class ExitCode {

    /** Done. */
    public static final int DONE = 0;

    /** It failed, and none of the others says why. */
    public static final int FAILED = 1;

    /** The command line, the configuration or the input is wrong, as this command or a server found. */
    public static final int WRONG_USAGE = 2;

    /** There is no such row, table or server. */
    public static final int NOT_FOUND = 3;

    /** A condition does not hold, and nothing was written. */
    public static final int CONDITION_FAILED = 4;

    /** No server could do in time what was asked; nothing was written. It may work later, or with a weaker ask. */
    public static final int UNAVAILABLE = 5;

    /** The write may have happened, or may still happen. */
    public static final int OUTCOME_UNKNOWN = 6;

    /** A check was made, and it found something that somebody must look at. */
    public static final int UNSOUND = 7;

    private ExitCode() {}
}
