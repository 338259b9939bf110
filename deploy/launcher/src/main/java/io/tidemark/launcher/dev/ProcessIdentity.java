// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One process, told from a later one with the same id by when it started.
 *
 * @param started empty where the system does not tell; then it is never found again
 */
record ProcessIdentity(long pid, Optional<Instant> started) {

    /** The system's answer depends on its wall clock by as much. */
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    static ProcessIdentity of(ProcessHandle process) {
        return new ProcessIdentity(process.pid(), process.info().startInstant());
    }

    /** The process, if it lives. */
    Optional<ProcessHandle> find() {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(this::isIt);
    }

    private boolean isIt(ProcessHandle found) {
        Optional<Instant> foundStarted = found.info().startInstant();
        return started.isPresent()
                && foundStarted.isPresent()
                && Duration.between(started.get(), foundStarted.get()).abs().compareTo(TOLERANCE) <= 0;
    }
}
