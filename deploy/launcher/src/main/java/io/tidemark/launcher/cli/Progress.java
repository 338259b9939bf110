// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * Says now and then how far something is: on a terminal as a bar that is drawn again and again, elsewhere line by line. It goes to where
 * errors go, so that results stay clean. For one thread.
 */
public final class Progress {

    private static final Duration PAUSE_OF_BAR = Duration.ofMillis(100);
    private static final Duration PAUSE_OF_LINES = Duration.ofSeconds(1);
    private static final int BAR_CELLS = 30;
    private static final String CLEAR_LINE = "\r\u001b[K";
    private static final double NANOS_PER_SECOND = 1e9;

    private final PrintStream err;
    private final boolean isTerminal;
    private final long began = System.nanoTime();
    private long last = began;
    private boolean drawn;

    public Progress(Streams streams) {
        this.err = streams.err();
        this.isTerminal = streams.errIsTerminal();
    }

    /**
     * How far it is now. Shown ten times a second at most, or once a second where it is no terminal.
     *
     * @param total 0: not known
     * @param unit what is counted, such as {@code rows}; {@code bytes} are shown as sizes; empty: it is a place, not an amount
     */
    public void say(String doing, long done, long total, String unit) {
        long now = System.nanoTime();
        if (now - last >= (isTerminal ? PAUSE_OF_BAR : PAUSE_OF_LINES).toNanos()) {
            last = now;
            String text = describe(doing, done, total, unit, (now - began) / NANOS_PER_SECOND);
            if (isTerminal) {
                err.print(CLEAR_LINE + text);
                drawn = true;
            } else {
                err.println("tidemark: " + text);
            }
            err.flush();
        }
    }

    private String describe(String doing, long done, long total, String unit, double seconds) {
        String rate = amount((long) (done / seconds), unit) + " a second";
        if (unit.isEmpty()) {
            return doing + " " + done;
        }
        if (total <= 0) {
            return doing + ": " + amount(done, unit) + ", " + rate;
        }
        long shown = Math.min(done, total);
        String of = (unit.equals("bytes") ? amount(done, unit) : String.format(Locale.ROOT, "%,d", done)) + " of about "
                + amount(total, unit);
        String percent = String.format(Locale.ROOT, "%3d %%", shown * 100 / total);
        if (!isTerminal) {
            return doing + ": " + of + ", " + percent.strip() + ", " + rate;
        }
        int filled = (int) (shown * BAR_CELLS / total);
        return doing + " [" + "#".repeat(filled) + ".".repeat(BAR_CELLS - filled) + "] " + percent + "  " + of + ", "
                + rate;
    }

    private static String amount(long number, String unit) {
        return unit.equals("bytes") ? Quantities.bytes(number) : String.format(Locale.ROOT, "%,d %s", number, unit);
    }

    /** Something else, at once and for good. */
    public void tell(String line) {
        end();
        err.println("tidemark: " + line);
        err.flush();
    }

    /** Nothing more follows: takes the bar away. */
    public void end() {
        if (drawn) {
            err.print(CLEAR_LINE);
            err.flush();
            drawn = false;
        }
    }
}
