// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.io.PrintStream;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Ends a command one of whose threads has run out of memory. Of any other failure it says what Java would. */
public final class OutOfMemory implements Thread.UncaughtExceptionHandler {

    static final String ADVICE = "TIDEMARK_JAVA_OPTS=-Xmx2g, say, gives it more";

    private final PrintStream err;
    private final IntConsumer halt;

    /** @param halt ends the process with an exit code, and waits for nobody: others are short of memory too */
    public OutOfMemory(PrintStream err, IntConsumer halt) {
        this.err = err;
        this.halt = halt;
    }

    @Override
    public void uncaughtException(Thread thread, Throwable failure) {
        OutOfMemoryError memory = behind(failure);
        if (memory == null) {
            err.print("Exception in thread \"" + thread.getName() + "\" ");
            failure.printStackTrace(err);
            err.flush();
            return;
        }
        err.println("tidemark: " + describe(memory));
        err.println("  " + ADVICE);
        err.flush();
        halt.accept(ExitCode.FAILED);
    }

    /** What a failure came from, if it came from that; null: from something else. */
    static @Nullable OutOfMemoryError behind(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof OutOfMemoryError memory) {
                return memory;
            }
        }
        return null;
    }

    static String describe(OutOfMemoryError memory) {
        return "out of memory" + (memory.getMessage() == null ? "" : ": " + memory.getMessage());
    }
}
