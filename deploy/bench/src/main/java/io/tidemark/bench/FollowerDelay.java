// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.WatchFilter;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * How much later than its acknowledgement a put can be read at the followers. This process puts at the leader and watches at
 * each follower, so that one clock times both: the delay is the arrival of the watch's event less the arrival of the put's
 * answer. The way of the event to here and its handling on both ends are in it, so it is an upper bound; an event that
 * arrives before the answer counts as no delay.
 */
public final class FollowerDelay {

    private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration TAIL_TIMEOUT = Duration.ofSeconds(10);
    private static final int DIGITS = 3;
    private static final int PUTS_MAX = 4_000_000;

    private final Ask ask;
    private final String prefix = "delay-" + UUID.randomUUID() + "-";
    private final AtomicLongArray sent;
    private final AtomicLongArray answered;
    private final List<AtomicLongArray> seen = new ArrayList<>();
    private final AtomicReference<@Nullable LoadFailedException> broken = new AtomicReference<>();

    /**
     * What to measure.
     *
     * @param leader where to put
     * @param followers where to watch
     * @param table which is written to; it must be there
     * @param rate puts per second, due at equal intervals; absent: each put follows the answer to the one before
     * @param warmUp how long puts go on before those that are measured
     * @param duration how long is measured
     * @param valueBytes the length of each value
     */
    public record Ask(
            Endpoint leader,
            List<Endpoint> followers,
            String table,
            OptionalDouble rate,
            Duration warmUp,
            Duration duration,
            int valueBytes) {

        public Ask {
            followers = List.copyOf(followers);
            if (followers.isEmpty()) {
                throw new IllegalArgumentException("followers: none (expected: at least one)");
            }
        }
    }

    /**
     * What was measured.
     *
     * @param puts how many puts were measured
     * @param putLatencies from sending a put to its answer
     * @param first the delay until the first follower had the put
     * @param last the delay until all had it
     * @param unseen how many puts did not arrive at all followers; they are in no delay
     */
    public record Outcome(
            long puts, Result.Latencies putLatencies, Result.Latencies first, Result.Latencies last, long unseen) {}

    private FollowerDelay(Ask ask, int putsMax) {
        this.ask = ask;
        this.sent = new AtomicLongArray(putsMax);
        this.answered = new AtomicLongArray(putsMax);
        ask.followers().forEach(follower -> seen.add(new AtomicLongArray(putsMax)));
    }

    /** Puts and watches. */
    public static Outcome measure(Ask ask) throws InterruptedException {
        double seconds = ask.warmUp().plus(ask.duration()).toNanos() / 1e9;
        // No closed loop of one comes near this many.
        int putsMax = (int) Math.min(PUTS_MAX, Math.ceil(seconds * ask.rate().orElse(20_000)) + 1);
        return new FollowerDelay(ask, putsMax).measure();
    }

    private Outcome measure() throws InterruptedException {
        List<ManagedChannel> channels = new ArrayList<>();
        try {
            for (int i = 0; i < ask.followers().size(); i++) {
                ManagedChannel channel = ask.followers().get(i).open();
                channels.add(channel);
                watch(channel, seen.get(i), ask.followers().get(i));
            }
            ManagedChannel leader = ask.leader().open();
            channels.add(leader);
            KeyValueGrpc.KeyValueStub stub = KeyValueGrpc.newStub(leader).withWaitForReady();
            long start = System.nanoTime();
            long measuredFrom = start + ask.warmUp().toNanos();
            long end = measuredFrom + ask.duration().toNanos();
            int puts = ask.rate().isPresent()
                    ? putAtRate(stub, start, end, 1e9 / ask.rate().getAsDouble())
                    : putOneByOne(stub, end);
            awaitTail(puts);
            return outcome(puts, measuredFrom);
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
        }
    }

    /** Watches this run's rows, and returns when the watch stands. */
    private void watch(ManagedChannel channel, AtomicLongArray times, Endpoint follower) throws InterruptedException {
        CountDownLatch open = new CountDownLatch(1);
        KeyValueGrpc.newStub(channel)
                .withWaitForReady()
                .watch(
                        WatchRequest.newBuilder()
                                .addFilters(WatchFilter.newBuilder()
                                        .setTable(ask.table())
                                        .setRange(KeyRange.newBuilder().setPrefix(prefix)))
                                .setRowView(RowView.ROW_VIEW_METADATA)
                                .build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(WatchResponse response) {
                                long now = System.nanoTime();
                                response.getEventsList()
                                        .forEach(event -> times.compareAndSet(
                                                numberOf(event.getRow().getKey()), 0, now));
                                open.countDown();
                            }

                            @Override
                            public void onError(Throwable failure) {
                                broken.compareAndSet(
                                        null,
                                        new LoadFailedException(
                                                "the watch at " + follower + " ended: " + failure.getMessage(),
                                                failure));
                                open.countDown();
                            }

                            @Override
                            public void onCompleted() {
                                broken.compareAndSet(
                                        null, new LoadFailedException("the watch at " + follower + " ended"));
                                open.countDown();
                            }
                        });
        if (!open.await(OPEN_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
            throw new LoadFailedException(
                    "the watch at " + follower + " does not stand after " + OPEN_TIMEOUT.toSeconds() + " s");
        }
        failIfBroken();
    }

    private int putOneByOne(KeyValueGrpc.KeyValueStub stub, long end) throws InterruptedException {
        Semaphore free = new Semaphore(1);
        int number = 0;
        free.acquire();
        while (System.nanoTime() - end < 0 && number < sent.length()) {
            put(stub, number++, free);
            free.acquire();
            failIfBroken();
        }
        return number;
    }

    private int putAtRate(KeyValueGrpc.KeyValueStub stub, long start, long end, double nanosBetween)
            throws InterruptedException {
        Semaphore free = new Semaphore(0);
        int number = 0;
        for (long due = start;
                due - end < 0 && number < sent.length();
                due = start + Math.round(number * nanosBetween)) {
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            put(stub, number++, free);
            failIfBroken();
        }
        free.acquire(number);
        return number;
    }

    private void put(KeyValueGrpc.KeyValueStub stub, int number, Semaphore free) {
        sent.set(number, System.nanoTime());
        stub.put(
                PutRequest.newBuilder()
                        .setTable(ask.table())
                        .setKey(prefix + number)
                        .setValue(Value.newBuilder().setBytes(ByteString.copyFrom(new byte[ask.valueBytes()])))
                        .build(),
                new StreamObserver<>() {
                    @Override
                    public void onNext(PutResponse response) {
                        answered.set(number, System.nanoTime());
                    }

                    @Override
                    public void onError(Throwable failure) {
                        broken.compareAndSet(
                                null, new LoadFailedException("a put failed: " + failure.getMessage(), failure));
                        free.release();
                    }

                    @Override
                    public void onCompleted() {
                        free.release();
                    }
                });
    }

    /** Until every follower has shown the last put. */
    private void awaitTail(int puts) throws InterruptedException {
        long deadline = System.nanoTime() + TAIL_TIMEOUT.toNanos();
        while (puts > 0
                && seen.stream().anyMatch(times -> times.get(puts - 1) == 0)
                && System.nanoTime() - deadline < 0) {
            failIfBroken();
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private Outcome outcome(int puts, long measuredFrom) {
        Histogram latencies = new Histogram(DIGITS);
        Histogram first = new Histogram(DIGITS);
        Histogram last = new Histogram(DIGITS);
        long measured = 0;
        long unseen = 0;
        for (int i = 0; i < puts; i++) {
            if (sent.get(i) - measuredFrom < 0) {
                continue;
            }
            measured++;
            int number = i;
            latencies.recordValue(answered.get(i) - sent.get(i));
            if (seen.stream().anyMatch(times -> times.get(number) == 0)) {
                unseen++;
                continue;
            }
            long[] delays = seen.stream()
                    .mapToLong(times -> Math.max(0, times.get(number) - answered.get(number)))
                    .sorted()
                    .toArray();
            first.recordValue(delays[0]);
            last.recordValue(delays[delays.length - 1]);
        }
        return new Outcome(
                measured,
                Result.Latencies.of(latencies),
                Result.Latencies.of(first),
                Result.Latencies.of(last),
                unseen);
    }

    private int numberOf(String key) {
        return Integer.parseInt(key.substring(prefix.length()));
    }

    private void failIfBroken() {
        LoadFailedException failure = broken.get();
        if (failure != null) {
            throw failure;
        }
    }
}
