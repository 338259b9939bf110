// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import java.io.PrintWriter;
import java.time.Duration;

/** Says now and then how far something is. For one thread. */
final class ProgressLines {

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final PrintWriter out;
    private long last = System.nanoTime();

    ProgressLines(PrintWriter out) {
        this.out = out;
    }

    /** At most once a second, from a second after the beginning on. */
    void say(String doing, long done, long total, String unit) {
        long now = System.nanoTime();
        if (now - last >= PAUSE.toNanos()) {
            last = now;
            tell(
                    total > 0
                            ? "%s: %,d of about %,d %s".formatted(doing, done, total, unit)
                            : "%s: %,d %s".formatted(doing, done, unit));
        }
    }

    /** At once. */
    void tell(String line) {
        out.println("tidemark: " + line);
        out.flush();
    }
}
