// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import com.google.protobuf.util.Durations;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.KeyValueGrpc.KeyValueBlockingStub;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sessions that read and write at whichever servers they are given, with every kind of ask, and note whatever breaks a promise: a call
 * that fails, an answer older than the session, a row older than the session has seen it. Belongs to one test.
 */
final class SessionLoad implements AutoCloseable {

    static final String TABLE = "t";
    private static final int WRITES_PER_READS = 5;
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final long PAUSE_MILLIS = 5;

    private final List<ManagedChannel> servers = new CopyOnWriteArrayList<>();
    private final List<String> broken = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Long> readNanos = new ConcurrentLinkedQueue<>();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong repeated = new AtomicLong();
    private final ExecutorService sessions;
    private final int keys;
    private volatile boolean stopped;

    /** Begins at once. */
    SessionLoad(List<ManagedChannel> servers, int sessions, int keys, long seed) {
        this.servers.addAll(servers);
        this.keys = keys;
        this.sessions = Executors.newFixedThreadPool(sessions);
        for (int i = 0; i < sessions; i++) {
            Random random = new Random(seed + i);
            this.sessions.execute(() -> new Session(random).run());
        }
    }

    static String key(int number) {
        return "key-" + number;
    }

    void add(ManagedChannel server) {
        servers.add(server);
    }

    /** Nobody begins a call there any more once this has returned and those under way have ended. */
    void remove(ManagedChannel server) {
        servers.remove(server);
    }

    long reads() {
        return reads.get();
    }

    long writes() {
        return writes.get();
    }

    long repeated() {
        return repeated.get();
    }

    /** What broke a promise. */
    List<String> broken() {
        return broken;
    }

    /** In words, since it was asked last. */
    String readTimes() {
        List<Duration> times = new ArrayList<>();
        for (Long nanos = readNanos.poll(); nanos != null; nanos = readNanos.poll()) {
            times.add(Duration.ofNanos(nanos));
        }
        times.sort(null);
        return times.isEmpty()
                ? "no reads"
                : times.size() + " reads, p50 " + millis(times, 50) + " ms, p99 " + millis(times, 99) + " ms, max "
                        + millis(times, 100) + " ms";
    }

    private static long millis(List<Duration> sorted, int percent) {
        return sorted.get((sorted.size() - 1) * percent / 100).toMillis();
    }

    /** Ends when every call under way has. */
    @Override
    public void close() {
        stopped = true;
        sessions.shutdown();
        try {
            boolean unused = sessions.awaitTermination(2 * DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Of one thread. */
    private final class Session {
        private final Random random;
        private final Map<Integer, Long> seen = new HashMap<>();
        private long index;

        Session(Random random) {
            this.random = random;
        }

        void run() {
            while (!stopped) {
                KeyValueBlockingStub server = KeyValueGrpc.newBlockingStub(servers.get(random.nextInt(servers.size())))
                        .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
                int key = random.nextInt(keys);
                boolean writing = random.nextInt(WRITES_PER_READS + 1) == 0;
                call(writing, server, key);
                // Load, not a measurement of speed.
                ClusterUnderTest.sleep(PAUSE_MILLIS);
            }
        }

        /** Again within its deadline, as a client does, where the nodes are the reason: a slow machine may cost them their leader. */
        private void call(boolean writing, KeyValueBlockingStub server, int key) {
            while (true) {
                try {
                    if (writing) {
                        write(server, key);
                    } else {
                        read(server, key);
                    }
                    return;
                } catch (StatusRuntimeException e) {
                    Optional<ErrorReason> reason = ErrorStatus.from(e).map(ErrorStatus::reason);
                    boolean ofNodes = reason.isPresent()
                            && (reason.get() == ErrorReason.ERROR_REASON_NO_LEADER
                                    || reason.get() == ErrorReason.ERROR_REASON_TOO_STALE);
                    if (!ofNodes) {
                        note((writing ? "write of " : "read of ") + key(key) + " failed: " + e.getStatus());
                        return;
                    }
                    repeated.incrementAndGet();
                }
            }
        }

        private void note(String what) {
            broken.add(Instant.now() + " " + what);
        }

        private void write(KeyValueBlockingStub server, int key) {
            long written = server.put(PutRequest.newBuilder()
                            .setTable(TABLE)
                            .setKey(key(key))
                            .setValue(Value.newBuilder().setText("x".repeat(100)))
                            .build())
                    .getIndex();
            index = Math.max(index, written);
            seen.merge(key, written, Math::max);
            writes.incrementAndGet();
        }

        private void read(KeyValueBlockingStub server, int key) {
            ReadOptions.Builder ask = ReadOptions.newBuilder().setMinIndex(index);
            switch (random.nextInt(3)) {
                case 0 -> ask.setStrength(Strength.STRENGTH_LINEARIZABLE);
                case 1 -> ask.setMaxStaleness(Durations.fromSeconds(1));
                default -> {}
            }
            long began = System.nanoTime();
            GetResponse answer = server.get(GetRequest.newBuilder()
                    .setTable(TABLE)
                    .setKey(key(key))
                    .setReadOptions(ask)
                    .build());
            readNanos.add(System.nanoTime() - began);
            reads.incrementAndGet();
            long at = answer.getHeader().getReadIndex();
            long modified = answer.getRow().getModifiedIndex();
            String where = key(key) + " at " + answer.getHeader().getServedBy();
            if (at < index) {
                note("session at " + index + " was answered as of " + at + ": " + where);
            }
            if (modified < seen.getOrDefault(key, 0L)) {
                note("row modified at " + seen.get(key) + " was seen as of " + modified + ": " + where);
            }
            index = Math.max(index, at);
            seen.merge(key, modified, Math::max);
        }
    }
}
