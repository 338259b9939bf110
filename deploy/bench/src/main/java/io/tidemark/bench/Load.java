// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Puts servers under load. Each call of a method here is one run; runs do not overlap. */
public final class Load {

    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(30);
    private static final int PRELOAD_OUTSTANDING = 256;

    private final List<? extends Connection> connections;
    private final List<Long> serverPids;

    /**
     * Load over these connections, which stay the caller's.
     *
     * @param serverPids the servers' processes on this machine, whose CPU time is measured; none: it is not
     */
    public Load(List<? extends Connection> connections, List<Long> serverPids) {
        this.connections = List.copyOf(connections);
        this.serverPids = List.copyOf(serverPids);
    }

    /** Makes the load and measures. */
    public Result run(Plan plan, Consumer<Progress> progress) throws InterruptedException {
        return run(
                plan,
                progress,
                serverPids,
                (recording, timer) -> plan.rate().isPresent()
                        ? new OpenLoop(plan, connections, recording)
                        : new ClosedLoop(plan, connections, recording, timer));
    }

    /** The same with callers who wait: as many threads as calls under way. Without a rate. */
    public static Result runBlocking(Plan plan, List<? extends BlockingConnection> connections, List<Long> serverPids)
            throws InterruptedException {
        if (plan.rate().isPresent()) {
            throw new IllegalArgumentException("rate: " + plan.rate().getAsDouble() + " (expected: none)");
        }
        return run(
                plan, progress -> {}, serverPids, (recording, timer) -> new BlockingLoop(plan, connections, recording));
    }

    private static Result run(Plan plan, Consumer<Progress> progress, List<Long> serverPids, LoopMaker maker)
            throws InterruptedException {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "timer");
            thread.setDaemon(true);
            return thread;
        });
        try {
            return run(plan, progress, serverPids, maker, timer);
        } finally {
            timer.shutdownNow();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the timer ends with the run
    private static Result run(
            Plan plan,
            Consumer<Progress> progress,
            List<Long> serverPids,
            LoopMaker maker,
            ScheduledExecutorService timer)
            throws InterruptedException {
        long start = System.nanoTime();
        long measuredFrom = start + plan.warmUp().toNanos();
        long measuredTo = measuredFrom + plan.duration().toNanos();
        Recording recording = new Recording(measuredFrom, measuredTo);
        Loop loop = maker.make(recording, timer);
        loop.start(measuredTo);
        AtomicLong second = new AtomicLong();
        timer.scheduleAtFixedRate(
                () -> progress.accept(
                        progressOf(recording, second.incrementAndGet(), System.nanoTime() - measuredFrom >= 0)),
                1,
                1,
                TimeUnit.SECONDS);

        sleepUntil(measuredFrom);
        Spent before = spent(serverPids);
        long cpuFrom = System.nanoTime();
        sleepUntil(measuredTo);
        Spent after = spent(serverPids);
        // The times of reading are never quite those of the plan.
        double stretch =
                (System.nanoTime() - cpuFrom) / (double) plan.duration().toNanos();
        if (!loop.awaitEnd(DRAIN_TIMEOUT)) {
            recording.failed("no answer after " + DRAIN_TIMEOUT.toSeconds() + " s", measuredTo - 1);
        }
        return new Result(
                plan.duration().toNanos() / 1e9,
                recording.latencies(),
                recording.errors(),
                recording.absent(),
                (after.client() - before.client()) / stretch,
                after.allocated().since(before.allocated()) / stretch,
                serverPids.isEmpty()
                        ? OptionalDouble.empty()
                        : OptionalDouble.of((after.servers() - before.servers()) / stretch));
    }

    /** Writes every row of the load once, so that gets find them. */
    public void preload(Plan.RowShape shape) throws InterruptedException {
        Rows rows = new Rows(shape);
        Semaphore free = new Semaphore(PRELOAD_OUTSTANDING);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        for (long number = 0; number < shape.keys() && failure.get() == null; number++) {
            free.acquire();
            new Preload(rows.key(number), rows, connections.get((int) (number % connections.size())), free, failure)
                    .send();
        }
        free.acquire(PRELOAD_OUTSTANDING);
        Throwable found = failure.get();
        if (found != null) {
            throw new LoadFailedException("the rows could not be written: " + found.getMessage(), found);
        }
    }

    private static final class Preload implements Completion {
        private final String key;
        private final Rows rows;
        private final Connection connection;
        private final Semaphore free;
        private final AtomicReference<@Nullable Throwable> failure;

        Preload(
                String key,
                Rows rows,
                Connection connection,
                Semaphore free,
                AtomicReference<@Nullable Throwable> failure) {
            this.key = key;
            this.rows = rows;
            this.connection = connection;
            this.free = free;
            this.failure = failure;
        }

        void send() {
            connection.put(key, rows.nextValue(), this);
        }

        @Override
        public void answered(boolean present) {
            free.release();
        }

        @Override
        public void failed(Throwable reason) {
            failure.compareAndSet(null, reason);
            free.release();
        }
    }

    private static Progress progressOf(Recording recording, long second, boolean measuring) {
        Histogram current = recording.takeCurrent();
        return new Progress(
                second,
                measuring,
                current.getTotalCount(),
                current.getValueAtPercentile(50),
                current.getValueAtPercentile(99),
                recording.failuresSoFar());
    }

    private record Spent(double client, double servers, Allocation allocated) {}

    private static Spent spent(List<Long> serverPids) {
        return new Spent(ProcessCpu.secondsOfThis(), ProcessCpu.secondsOf(serverPids), Allocation.soFar());
    }

    private interface LoopMaker {
        Loop make(Recording recording, ScheduledExecutorService timer);
    }

    private static void sleepUntil(long time) throws InterruptedException {
        for (long wait = time - System.nanoTime(); wait > 0; wait = time - System.nanoTime()) {
            TimeUnit.NANOSECONDS.sleep(wait);
        }
    }
}
