// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import io.tidemark.verify.history.Interruption;
import io.tidemark.verify.process.ServerUnderTest;

/** Takes a server away for a while, and says from when to when it was certainly gone. */
final class Interrupting {

    private Interrupting() {}

    /** SIGKILL, then what is done without it, then it starts again. */
    static Interruption killing(ServerUnderTest server, Runnable meanwhile) {
        server.kill();
        long from = System.nanoTime();
        meanwhile.run();
        long to = System.nanoTime();
        server.start();
        return new Interruption(server.id(), true, from, to);
    }

    /** SIGSTOP, then what is done without it, then SIGCONT. */
    static Interruption pausing(ServerUnderTest server, Runnable meanwhile) {
        server.pause();
        long from = System.nanoTime();
        long to;
        try {
            meanwhile.run();
        } finally {
            to = System.nanoTime();
            server.resume();
        }
        return new Interruption(server.id(), false, from, to);
    }
}
