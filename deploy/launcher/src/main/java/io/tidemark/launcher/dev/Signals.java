// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Sends signals that Java has no words for. */
final class Signals {

    private static final int SECONDS_MAX = 10;

    private Signals() {}

    /** The process stands still; its connections stay open. */
    static void pause(ProcessHandle process) throws IOException {
        send("STOP", process);
    }

    /** It goes on where it stood. */
    static void resume(ProcessHandle process) throws IOException {
        send("CONT", process);
    }

    private static void send(String name, ProcessHandle process) throws IOException {
        Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .redirectErrorStream(true)
                .start();
        try {
            if (!kill.waitFor(SECONDS_MAX, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new IOException("SIG" + name + " could not be sent to process " + process.pid());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while sending SIG" + name + " to process " + process.pid(), e);
        } finally {
            kill.destroyForcibly();
        }
    }
}
