// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.verify.history.Ask.AsOf;
import io.tidemark.verify.history.Ask.Eventual;
import io.tidemark.verify.history.Ask.Linearizable;
import io.tidemark.verify.history.Outcome.Written;
import io.tidemark.verify.history.Reading.Answer;
import io.tidemark.verify.history.Reading.Denied;
import io.tidemark.verify.history.Reading.Told;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Clients that read with every kind of ask at every server, nodes and replicas, of rows that a {@link Recorder} writes, and in
 * between write themselves, so that they have something of their own to see again. Each does one thing after the other.
 */
public final class Readers implements AutoCloseable {

    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(60);
    private static final int FIRST_CLIENT = 1_000;
    private static final int FIRST_ASKER = 1_000_000;
    private static final int ROWS_MAX = 4;
    private static final int SCAN_EACH = 10;
    private static final long PAUSE_MILLIS = 3;
    private static final long PAUSE_AFTER_DENIAL_MILLIS = 20;
    // How far behind the newest index reads of the past go, and how far ahead of it.
    private static final int PAST = 200;
    private static final int AHEAD = 4;
    private static final long LAG_MAX = 50;
    private static final Duration STALENESS_BY_DEFAULT = Duration.ofSeconds(5);

    private final Recorder recorder;
    private final Plan plan;
    private final Map<String, ManagedChannel> channels = new HashMap<>();
    private final List<String> servers;
    private final WatchRecorder watch;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Reading> readings = new ArrayList<>();
    private final List<Operation> writes = new ArrayList<>();
    private final List<Interruption> interruptions = new ArrayList<>();
    private final AtomicInteger askers = new AtomicInteger();
    private final AtomicInteger asking = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean stopping;

    /**
     * What to read.
     *
     * @param servers client addresses by server id
     * @param watched those of them at which is watched, in that order: the next when the last one ends the watch
     * @param clients how many read
     * @param timeout how long one read may take
     * @param seed of what they ask
     */
    public record Plan(Map<String, String> servers, List<String> watched, int clients, Duration timeout, long seed) {
        public Plan {
            servers = Map.copyOf(servers);
            watched = List.copyOf(watched);
        }
    }

    /** Of a cluster that may have replicas. */
    public Readers(Recorder recorder, Plan plan) {
        this.recorder = recorder;
        recorder.expectOtherCommits();
        this.plan = plan;
        this.servers = plan.servers().keySet().stream().sorted().toList();
        plan.servers()
                .forEach((id, address) -> channels.put(
                        id,
                        NettyChannelBuilder.forTarget(address).usePlaintext().build()));
        this.watch =
                new WatchRecorder(plan.watched().stream().map(this::channel).toList(), recorder.historyId());
    }

    public void start() {
        watch.start();
        SplittableRandom random = new SplittableRandom(plan.seed());
        for (int i = 0; i < plan.clients(); i++) {
            int client = FIRST_CLIENT + i;
            SplittableRandom own = random.split();
            Thread thread = new Thread(() -> run(client, own), "reader-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
    }

    /** Says what was done to a server, when that is over. */
    public synchronized void note(Interruption interruption) {
        interruptions.add(interruption);
    }

    /**
     * One more read of some row at a server, by the caller's own thread, as the read of a client that does nothing else; it is
     * part of the readings.
     */
    public Reading ask(String server, Ask ask) {
        RecordingReader reader =
                new RecordingReader(FIRST_ASKER + askers.incrementAndGet(), recorder.historyId(), plan.timeout());
        Reading reading;
        asking.incrementAndGet();
        try {
            reading = reader.read(
                    recorder.nextId(),
                    server,
                    channel(server),
                    ask,
                    List.of(recorder.someRow(new SplittableRandom(askers.get()))));
        } finally {
            asking.decrementAndGet();
        }
        if (reading.answer() instanceof Denied) {
            channel(server).resetConnectBackoff();
        }
        synchronized (this) {
            readings.add(reading);
        }
        return reading;
    }

    /** How many reads that were asked for so are under way. */
    public int asking() {
        return asking.get();
    }

    private ManagedChannel channel(String server) {
        ManagedChannel channel = channels.get(server);
        if (channel == null) {
            throw new IllegalArgumentException("server: '" + server + "' (expected: one of " + servers + ")");
        }
        return channel;
    }

    /** What has been read so far, in the order in which it ended. */
    public synchronized List<Reading> soFar() {
        return List.copyOf(readings);
    }

    /** How many reads have been answered so far. */
    public synchronized long answeredSoFar() {
        return readings.stream()
                .filter(reading -> reading.answer() instanceof Told)
                .count();
    }

    /** Lets the clients end what they are at. */
    public Readings finish() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
        Throwable found = failure.get();
        if (found != null) {
            throw new AssertionError("a reader failed: " + found.getMessage(), found);
        }
        // Once: others may still write.
        long through = recorder.newestIndex();
        watch.awaitIndex(through, SETTLE_TIMEOUT.toNanos());
        synchronized (this) {
            return new Readings(recorder.historyId(), readings, writes, interruptions, watch.changes(), through);
        }
    }

    @Override
    public void close() {
        stopping = true;
        watch.close();
        channels.values().forEach(ManagedChannel::shutdownNow);
    }

    private void run(int client, SplittableRandom random) {
        RecordingReader reader = new RecordingReader(client, recorder.historyId(), plan.timeout());
        RecordedClient writer = recorder.client(client);
        long newest = 0;
        try {
            while (!stopping) {
                if (random.nextInt(20) == 0) {
                    Operation write = recorder.put(writer, random);
                    synchronized (this) {
                        writes.add(write);
                    }
                    if (write.outcome() instanceof Written written) {
                        newest = Math.max(newest, written.index());
                    }
                } else {
                    newest = Math.max(newest, read(reader, newest, random));
                }
            }
        } catch (InterruptedException | RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    /** One read; gives the index of its answer, or 0. */
    private long read(RecordingReader reader, long newest, SplittableRandom random) throws InterruptedException {
        String server = servers.get(random.nextInt(servers.size()));
        ManagedChannel channel = channel(server);
        Ask ask = ask(newest, random);
        Reading reading;
        if (random.nextInt(SCAN_EACH) == 0) {
            String table = recorder.someTable(random);
            reading =
                    reader.scan(recorder.nextId(), server, channel, ask, table, Recorder.HOT, recorder.hotRows(table));
        } else {
            reading = reader.read(recorder.nextId(), server, channel, ask, rows(random));
        }
        synchronized (this) {
            readings.add(reading);
        }
        Answer answer = reading.answer();
        if (answer instanceof Denied) {
            // A server that is back is asked again at once, and not after a wait that has grown meanwhile.
            channel.resetConnectBackoff();
            TimeUnit.MILLISECONDS.sleep(PAUSE_AFTER_DENIAL_MILLIS);
            return 0;
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        return answer instanceof Told told ? recorder.noteIndex(told.header().readIndex()) : 0;
    }

    private List<String> rows(SplittableRandom random) {
        List<String> rows = new ArrayList<>();
        int count = random.nextBoolean() ? 1 : random.nextInt(2, ROWS_MAX + 1);
        while (rows.size() < count) {
            String row = random.nextInt(4) == 0 ? recorder.someCounter(random) : recorder.someRow(random);
            if (!rows.contains(row)) {
                rows.add(row);
            }
        }
        return rows;
    }

    private Ask ask(long newest, SplittableRandom random) {
        return switch (random.nextInt(12)) {
            case 0, 1 -> Ask.of(new Eventual());
            case 2 -> Ask.of(new Eventual()).atLeast(newest, true);
            case 3 -> Ask.of(new Eventual()).atLeast(recorder.newestIndex(), false);
            // What the SDK asks for unless told otherwise.
            case 4 -> Ask.fresh(STALENESS_BY_DEFAULT).atLeast(newest, true);
            case 5 -> Ask.fresh(Duration.ofMillis(random.nextInt(10, 1_000)));
            case 6 -> Ask.fresh(Duration.ofMillis(random.nextInt(10, 3_000)));
            case 7 -> Ask.fresh(Duration.ofMillis(random.nextInt(10, 200))).orServe();
            case 8 -> Ask.near(random.nextLong(LAG_MAX));
            case 9 -> Ask.of(new Linearizable());
            case 10 ->
                random.nextBoolean()
                        ? Ask.of(new Linearizable())
                        : Ask.of(new Linearizable()).orServe();
            default -> {
                long index = recorder.newestIndex();
                yield Ask.of(new AsOf(Math.max(1, random.nextLong(index - PAST, index + AHEAD))));
            }
        };
    }
}
