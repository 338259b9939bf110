// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A fixed number of callers, each of which sends its next call when the one before has been answered. Each caller's state
 * belongs to whichever thread ends its call: an event loop, or after a failure the timer.
 */
final class ClosedLoop implements Loop {

    // A server that refuses at once must not be hammered, nor this process kept busy by refusals.
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 10;

    private final Mix mix;
    private final List<? extends Connection> connections;
    private final int callers;
    private final Recording recording;
    private final ScheduledExecutorService timer;
    private final CountDownLatch callersLeft;

    ClosedLoop(Plan plan, List<? extends Connection> connections, Recording recording, ScheduledExecutorService timer) {
        this.mix = new Mix(plan);
        this.connections = connections;
        this.callers = plan.outstanding();
        this.recording = recording;
        this.timer = timer;
        this.callersLeft = new CountDownLatch(callers);
    }

    @Override
    public void start(long until) {
        for (int i = 0; i < callers; i++) {
            new Caller(connections.get(i % connections.size()), until).next();
        }
    }

    @Override
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
        return callersLeft.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private final class Caller implements Completion {
        private final Connection connection;
        private final long until;
        private Kind kind = Kind.PUT;
        private long sent;

        Caller(Connection connection, long until) {
            this.connection = connection;
            this.until = until;
        }

        void next() {
            sent = System.nanoTime();
            if (sent - until >= 0) {
                callersLeft.countDown();
                return;
            }
            kind = mix.nextKind();
            mix.begin(kind, connection, this);
        }

        @Override
        public void answered(boolean present) {
            recording.answered(kind, present, sent, System.nanoTime());
            next();
        }

        @Override
        public void failed(Throwable failure) {
            recording.failed(failure, sent);
            // Never at once: a call that fails while it is being made would come back here, deeper each time.
            @SuppressWarnings("FutureReturnValueIgnored") // nothing waits for it; the latch does
            var unused = timer.schedule(this::next, PAUSE_AFTER_FAILURE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
