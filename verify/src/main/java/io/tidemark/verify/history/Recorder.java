// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.CreateTableResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Lets clients loose on a cluster and writes down what they do: puts, conditional puts, increments and linearizable gets, half
 * of them on a few rows where they collide, half on many. {@link #start()}, then whatever is done to the cluster, then
 * {@link #finish()}, then {@link Checks}.
 */
public final class Recorder implements AutoCloseable {

    private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(60);
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
    private final long tableIndex;
    private volatile boolean stopping;

    /**
     * What to record.
     *
     * @param servers client addresses, {@code host:port}
     * @param table made for this; nobody else writes in the cluster
     * @param clients how many do one thing after the other
     * @param rows how many rows there are beside the few on which clients collide
     * @param attemptTimeout when a client stops waiting for an answer and tries elsewhere
     * @param patience how long a client goes on trying
     * @param seed of what the clients do
     */
    public record Plan(
            List<String> servers,
            String table,
            int clients,
            int rows,
            Duration attemptTimeout,
            Duration patience,
            long seed) {

        public Plan {
            servers = List.copyOf(servers);
        }
    }

    /** Makes the table. */
    public Recorder(Plan plan) throws InterruptedException {
        this.plan = plan;
        this.channels = plan.servers().stream()
                .map(server ->
                        NettyChannelBuilder.forTarget(server).usePlaintext().build())
                .toList();
        CreateTableResponse made = createTable();
        this.tableIndex = made.getTable().getCreatedIndex();
        this.target =
                new RecordedClient.Target(plan.table(), made.getHeader().getHistoryId(), new AtomicLong(tableIndex));
        this.watch = new WatchRecorder(channels, plan.table(), target.historyId());
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
        long index = scan(rows);
        watch.awaitIndex(index, SETTLE_TIMEOUT.toNanos());
        List<Change> changes = watch.changes().stream()
                .filter(change -> change.index() <= index)
                .toList();
        Set<Long> silent = Set.of(tableIndex);
        Map<String, String> digests = Digests.ofAll(channels, index, SETTLE_TIMEOUT);
        synchronized (this) {
            return new History(operations, changes, silent, index, rows, digests);
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
        String key = random.nextBoolean() ? "hot-" + random.nextInt(HOT_ROWS) : "row-" + random.nextInt(plan.rows());
        return switch (random.nextInt(10)) {
            case 0, 1, 2 -> new Put(key, value);
            case 3, 4 -> new PutIf(key, value, versions.getOrDefault(key, 0L));
            case 5, 6 -> new Increment("counter-" + random.nextInt(COUNTERS), value);
            default -> new Read(key);
        };
    }

    private CreateTableResponse createTable() throws InterruptedException {
        return eventually(channel -> ClusterGrpc.newBlockingStub(channel)
                .withDeadlineAfter(plan.attemptTimeout().toNanos(), TimeUnit.NANOSECONDS)
                .createTable(
                        CreateTableRequest.newBuilder().setTable(plan.table()).build()));
    }

    private long scan(Map<String, Found> rows) throws InterruptedException {
        ScanRequest.Builder request =
                ScanRequest.newBuilder().setTable(plan.table()).setValueForm(ValueForm.VALUE_FORM_BYTES);
        ScanResponse page;
        do {
            ScanRequest built = request.build();
            page = eventually(channel -> KeyValueGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(plan.attemptTimeout().toNanos(), TimeUnit.NANOSECONDS)
                    .scan(built));
            for (Row row : page.getRowsList()) {
                rows.put(row.getKey(), RecordedClient.found(row));
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
