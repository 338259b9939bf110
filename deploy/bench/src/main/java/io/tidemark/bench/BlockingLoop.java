// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A fixed number of callers, each a thread that waits for its call and then makes the next. */
final class BlockingLoop implements Loop {

    private static final long PAUSE_AFTER_FAILURE_MILLIS = 10;

    private final Rows rows;
    private final Mix mix;
    private final List<? extends BlockingConnection> connections;
    private final int callers;
    private final Recording recording;
    private final CountDownLatch callersLeft;

    BlockingLoop(Plan plan, List<? extends BlockingConnection> connections, Recording recording) {
        this.rows = new Rows(plan.rows());
        this.mix = new Mix(plan);
        this.connections = connections;
        this.callers = plan.outstanding();
        this.recording = recording;
        this.callersLeft = new CountDownLatch(callers);
    }

    @Override
    public void start(long until) {
        for (int i = 0; i < callers; i++) {
            BlockingConnection connection = connections.get(i % connections.size());
            Thread thread = new Thread(() -> run(connection, until), "caller-" + i);
            thread.setDaemon(true);
            thread.start();
        }
    }

    @Override
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
        return callersLeft.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void run(BlockingConnection connection, long until) {
        try {
            for (long sent = System.nanoTime(); sent - until < 0; sent = System.nanoTime()) {
                call(connection, mix.nextKind(), sent);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            callersLeft.countDown();
        }
    }

    private void call(BlockingConnection connection, Kind kind, long sent) throws InterruptedException {
        try {
            boolean present = true;
            switch (kind) {
                case PUT -> connection.put(rows.nextKey(), rows.nextValue());
                case GET -> present = connection.get(rows.nextKey());
            }
            recording.answered(kind, present, sent, System.nanoTime());
        } catch (RuntimeException e) {
            recording.failed(e, sent);
            TimeUnit.MILLISECONDS.sleep(PAUSE_AFTER_FAILURE_MILLIS);
        }
    }
}
