// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.CreateTableResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.verify.history.Action.Increment;
import io.tidemark.verify.history.Action.Put;
import io.tidemark.verify.history.Action.PutIf;
import io.tidemark.verify.history.Action.Read;
import io.tidemark.verify.history.Outcome.Found;
import io.tidemark.verify.history.Outcome.Seen;
import io.tidemark.verify.history.Outcome.Written;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Lets clients loose on a cluster and writes down what they do: puts, conditional puts, increments and linearizable gets, half
 * of them on a few rows where they collide, half on many. {@link #start()}, then whatever is done to the cluster, then
 * {@link #finish()}, then {@link Checks}.
 */
public final class Recorder implements AutoCloseable {

    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(60);
    static final String HOT = "hot-";
    private static final int HOT_ROWS = 8;
    private static final int COUNTERS = 4;

    private final Plan plan;
    private final List<ManagedChannel> channels;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();
    private final Map<String, Long> versions = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final RecordedClient.Target target;
    private final WatchRecorder watch;
    private final Set<Long> tableIndexes = new HashSet<>();
    private volatile boolean otherCommits;
    private volatile boolean stopping;

    /**
     * What to record.
     *
     * @param servers client addresses of nodes, {@code host:port}
     * @param tables made for this; nobody else writes in the cluster
     * @param clients how many do one thing after the other
     * @param rows how many rows there are beside the few on which clients collide
     * @param attemptTimeout when a client stops waiting for an answer and tries elsewhere
     * @param patience how long a client goes on trying
     * @param seed of what the clients do
     */
    public record Plan(
            List<String> servers,
            List<String> tables,
            int clients,
            int rows,
            Duration attemptTimeout,
            Duration patience,
            long seed) {

        public Plan {
            servers = List.copyOf(servers);
            tables = List.copyOf(tables);
        }
    }

    /** Makes the tables. */
    public Recorder(Plan plan) throws InterruptedException {
        this.plan = plan;
        this.channels = plan.servers().stream()
                .map(server ->
                        NettyChannelBuilder.forTarget(server).usePlaintext().build())
                .toList();
        String historyId = "";
        long newest = 0;
        for (String table : plan.tables()) {
            CreateTableResponse made = createTable(table);
            historyId = made.getHeader().getHistoryId();
            newest = made.getTable().getCreatedIndex();
            tableIndexes.add(newest);
        }
        this.target = new RecordedClient.Target(historyId, new AtomicLong(newest));
        this.watch = new WatchRecorder(channels, historyId);
    }

    /** Starts the clients. */
    public void start() {
        watch.start();
        SplittableRandom random = new SplittableRandom(plan.seed());
        for (int i = 0; i < plan.clients(); i++) {
            int number = i;
            SplittableRandom own = random.split();
            Thread thread = new Thread(() -> run(number, own), "client-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
    }

    /** How many operations have ended so far. */
    public synchronized int operationsSoFar() {
        return operations.size();
    }

    /** How many writes have been acknowledged so far. */
    public synchronized long acknowledgedSoFar() {
        return operations.stream()
                .filter(operation -> operation.outcome() instanceof Written)
                .count();
    }

    /** Lets the clients end what they are at, and gathers what the cluster holds. It must be well again by now. */
    public History finish() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
        Throwable found = failure.get();
        if (found != null) {
            throw new AssertionError("a client failed: " + found.getMessage(), found);
        }
        Map<String, Found> rows = new HashMap<>();
        // A linearizable scan: whatever is still on its way when it is answered is either in it or behind it.
        long index = scan(plan.tables().get(0), ReadOptions.getDefaultInstance(), rows);
        for (String table : plan.tables().subList(1, plan.tables().size())) {
            scan(table, ReadOptions.newBuilder().setAsOfIndex(index).build(), rows);
        }
        watch.awaitIndex(index, SETTLE_TIMEOUT.toNanos());
        List<Change> changes = watch.changes().stream()
                .filter(change -> change.index() <= index)
                .toList();
        Map<String, String> digests = Digests.ofAll(channels, index, SETTLE_TIMEOUT);
        synchronized (this) {
            return new History(operations, changes, silentIndexes(changes, index), index, rows, digests);
        }
    }

    @Override
    public void close() {
        stopping = true;
        watch.close();
        channels.forEach(ManagedChannel::shutdownNow);
    }

    private void run(int number, SplittableRandom random) {
        RecordedClient client = new RecordedClient(number, channels, target, plan.attemptTimeout(), plan.patience());
        try {
            while (!stopping) {
                record(client.perform(ids.incrementAndGet(), next(random)));
            }
        } catch (InterruptedException | RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    private void record(Operation operation) {
        if (operation.outcome() instanceof Written written) {
            versions.merge(operation.action().key(), written.version(), Math::max);
        } else if (operation.outcome() instanceof Seen seen) {
            seen.row().ifPresent(row -> versions.merge(operation.action().key(), row.version(), Math::max));
        }
        synchronized (this) {
            operations.add(operation);
        }
    }

    private Action next(SplittableRandom random) {
        String value = "w" + ids.incrementAndGet();
        String key = someRow(random);
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> new Put(key, value);
            case 3, 4 -> new PutIf(key, value, someVersion(key, random));
            case 5, 6 -> new Increment(someCounter(random), value);
            default -> new Read(key);
        };
    }

    /**
     * Commits that change no row come between, such as the registration of a replica. The watch tells nothing of them, so that a
     * gap in what it tells is no fault; a change that is missing there is one all the same.
     */
    void expectOtherCommits() {
        otherCommits = true;
    }

    private Set<Long> silentIndexes(List<Change> changes, long through) {
        if (!otherCommits) {
            return tableIndexes;
        }
        Set<Long> silent = LongStream.rangeClosed(1, through).boxed().collect(Collectors.toSet());
        changes.forEach(change -> silent.remove(change.index()));
        return silent;
    }

    /** The version that the row has as far as anybody knows, or sometimes one that it has no more: that must be refused. */
    private long someVersion(String row, SplittableRandom random) {
        long known = versions.getOrDefault(row, 0L);
        return known > 0 && random.nextInt(4) == 0 ? known - 1 : known;
    }

    /** The history that is recorded. */
    public String historyId() {
        return target.historyId();
    }

    /** The newest index that any client knows. */
    public long newestIndex() {
        return target.newestIndex().get();
    }

    /** Makes an index known to all clients, and gives it back. */
    long noteIndex(long index) {
        target.newestIndex().accumulateAndGet(index, Math::max);
        return index;
    }

    long nextId() {
        return ids.incrementAndGet();
    }

    /** Another client of this history, with a number that no other has. */
    RecordedClient client(int number) {
        return new RecordedClient(number, channels, target, plan.attemptTimeout(), plan.patience());
    }

    /** Has it write some row with a value of its own. What it did is recorded by the caller. */
    Operation put(RecordedClient client, SplittableRandom random) throws InterruptedException {
        return client.perform(nextId(), new Put(someRow(random), "w" + nextId()));
    }

    /** A row that clients write. */
    String someRow(SplittableRandom random) {
        return new RowName(
                        someTable(random),
                        random.nextBoolean() ? HOT + random.nextInt(HOT_ROWS) : "row-" + random.nextInt(plan.rows()))
                .toString();
    }

    /** All rows of a table on which clients collide; their keys begin with {@link #HOT}. */
    List<String> hotRows(String table) {
        return IntStream.range(0, HOT_ROWS)
                .mapToObj(number -> new RowName(table, HOT + number).toString())
                .toList();
    }

    String someTable(SplittableRandom random) {
        return plan.tables().get(random.nextInt(plan.tables().size()));
    }

    /** A row that clients increment. */
    String someCounter(SplittableRandom random) {
        return new RowName(
                        plan.tables().get(random.nextInt(plan.tables().size())), "counter-" + random.nextInt(COUNTERS))
                .toString();
    }

    private CreateTableResponse createTable(String table) throws InterruptedException {
        return eventually(channel -> ClusterGrpc.newBlockingStub(channel)
                .withDeadlineAfter(plan.attemptTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .createTable(CreateTableRequest.newBuilder().setTable(table).build()));
    }

    private long scan(String table, ReadOptions options, Map<String, Found> rows) throws InterruptedException {
        ScanRequest.Builder request = ScanRequest.newBuilder()
                .setTable(table)
                .setReadOptions(options)
                .setValueForm(ValueForm.VALUE_FORM_BYTES);
        ScanResponse page;
        do {
            ScanRequest built = request.build();
            page = eventually(channel -> KeyValueGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(plan.attemptTimeout().toNanos(), TimeUnit.NANOSECONDS)
                    .scan(built));
            for (Row row : page.getRowsList()) {
                rows.put(new RowName(table, row.getKey()).toString(), RecordedClient.found(row));
            }
            request.setPageToken(page.getNextPageToken());
        } while (page.hasNextPageToken());
        return page.getHeader().getReadIndex();
    }

    private interface Call<T> {
        T on(ManagedChannel channel);
    }

    /** At one server after the other, until one answers. */
    private <T> T eventually(Call<T> call) throws InterruptedException {
        long deadline = System.nanoTime() + SETTLE_TIMEOUT.toNanos();
        for (int server = 0; ; server = (server + 1) % channels.size()) {
            try {
                return call.on(channels.get(server));
            } catch (StatusRuntimeException e) {
                if (System.nanoTime() - deadline >= 0) {
                    throw new AssertionError("no server answers after " + SETTLE_TIMEOUT + ": " + e, e);
                }
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }
}
