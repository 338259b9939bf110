// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Lets no follower go without a word of the leader for longer than a fifth of an election timeout. Ratis alone waits for half of one,
 * so that a pause of the other half is an election; docs/decisions/0051. One thread of its own, so that nothing delays it.
 */
final class Heartbeats implements AutoCloseable {

    private static final int PER_TIMEOUT = 5;
    private static final int LOOKS_PER_PAUSE = 4;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread own = new Thread(task, "tidemark-consensus-heartbeats");
        own.setDaemon(true);
        return own;
    });

    Heartbeats(CommitPush push, Duration electionMin) {
        // One that is looked at too early for a heartbeat is looked at again before the pause is over.
        long look = Math.max(1, every(electionMin).toNanos() / LOOKS_PER_PAUSE);
        long silence = look * (LOOKS_PER_PAUSE - 1);
        @SuppressWarnings("FutureReturnValueIgnored") // It ends with the thread.
        Object unused = thread.scheduleWithFixedDelay(() -> push.beat(silence), look, look, TimeUnit.NANOSECONDS);
    }

    static Duration every(Duration electionMin) {
        return electionMin.dividedBy(PER_TIMEOUT);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
