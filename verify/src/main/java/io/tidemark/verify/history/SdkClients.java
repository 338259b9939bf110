// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import io.tidemark.client.Codec;
import io.tidemark.client.GetAllResult;
import io.tidemark.client.GetResult;
import io.tidemark.client.Header;
import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.client.ReadOptions;
import io.tidemark.client.Row;
import io.tidemark.client.ServedBy;
import io.tidemark.client.Session;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.WriteOptions;
import io.tidemark.client.WriteResult;
import io.tidemark.verify.history.Action.Put;
import io.tidemark.verify.history.Outcome.Failed;
import io.tidemark.verify.history.Outcome.Found;
import io.tidemark.verify.history.Outcome.Unknown;
import io.tidemark.verify.history.Outcome.Written;
import io.tidemark.verify.history.Reading.Answer;
import io.tidemark.verify.history.Reading.Denied;
import io.tidemark.verify.history.Reading.Told;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Applications of the SDK, over one client, that put and read rows which a {@link Recorder} writes too: each does one thing after the
 * other, by calls that wait, in a session of its own, and asks for nothing but what the SDK asks for by default. What they were told
 * becomes part of the history that is checked, and each call is timed.
 */
public final class SdkClients implements AutoCloseable {

    private static final int FIRST_CLIENT = 100_000;
    private static final int ROWS_MAX = 4;
    private static final long PAUSE_MILLIS = 2;
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 20;
    private static final Duration STALENESS_BY_DEFAULT = Duration.ofSeconds(5);

    private final Recorder recorder;
    private final TidemarkClient client;
    private final Plan plan;
    private final Stalls stalls = new Stalls();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Reading> readings = new ArrayList<>();
    private final List<Operation> writes = new ArrayList<>();
    private final List<Interruption> interruptions = new ArrayList<>();
    private final List<TimedCall> calls = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean stopping;

    /**
     * What they do.
     *
     * @param clients how many
     * @param deadline of each call
     * @param writeEach one call of so many is a put
     * @param seed of what they do
     */
    public record Plan(int clients, Duration deadline, int writeEach, long seed) {}

    /** Over a client that stays the caller's. */
    public SdkClients(Recorder recorder, TidemarkClient client, Plan plan) {
        this.recorder = recorder;
        recorder.expectOtherCommits();
        this.client = client;
        this.plan = plan;
    }

    public void start() {
        stalls.start();
        SplittableRandom random = new SplittableRandom(plan.seed());
        for (int i = 0; i < plan.clients(); i++) {
            int number = FIRST_CLIENT + i;
            SplittableRandom own = random.split();
            Thread thread = new Thread(() -> run(number, own), "sdk-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
    }

    /** Says what was done to a server, when that is over. */
    public synchronized void note(Interruption interruption) {
        interruptions.add(interruption);
    }

    /** The calls that have ended so far. */
    public synchronized TimedCalls calls() {
        return new TimedCalls(calls);
    }

    /** How many writes have been acknowledged so far. */
    public synchronized long acknowledgedSoFar() {
        return writes.stream()
                .filter(write -> write.outcome() instanceof Written)
                .count();
    }

    /** Lets them end what they are at. */
    public Readings finish() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
        Throwable found = failure.get();
        if (found != null) {
            throw new AssertionError("an application failed: " + found.getMessage(), found);
        }
        synchronized (this) {
            return new Readings(recorder.historyId(), readings, writes, interruptions, List.of(), 0);
        }
    }

    @Override
    public void close() {
        stopping = true;
        stalls.close();
    }

    private void run(int number, SplittableRandom random) {
        Session session = client.newSession();
        long newest = 0;
        try {
            while (!stopping) {
                long told = random.nextInt(plan.writeEach()) == 0
                        ? write(number, session, random)
                        : read(number, session, newest, random);
                newest = Math.max(newest, told);
                TimeUnit.MILLISECONDS.sleep(told == 0 ? PAUSE_AFTER_FAILURE_MILLIS : PAUSE_MILLIS);
            }
        } catch (InterruptedException | RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    private Table<byte[]> table(String name, Session session) {
        return client.table(name, Codec.bytes()).in(session);
    }

    /** One put; gives its index, or 0. */
    private long write(int number, Session session, SplittableRandom random) {
        Put put = new Put(recorder.someRow(random), "w" + recorder.nextId());
        RowName row = RowName.parse(put.key());
        long start = System.nanoTime();
        Outcome outcome;
        String by;
        try {
            WriteResult<byte[]> result = table(row.table(), session)
                    .put(
                            row.key(),
                            put.value().getBytes(StandardCharsets.UTF_8),
                            WriteOptions.defaults().withDeadline(plan.deadline()));
            outcome = new Written(result.index(), result.row().version());
            by = result.servedBy().id();
        } catch (OutcomeUnknownException e) {
            outcome = new Unknown(e.reason());
            by = failed(e);
        } catch (TidemarkException e) {
            outcome = new Failed(e.reason());
            by = failed(e);
        }
        long end = System.nanoTime();
        note(timed(start, end, false, by), new Operation(recorder.nextId(), number, put, start, end, outcome));
        return outcome instanceof Written written ? recorder.noteIndex(written.index()) : 0;
    }

    /** One read; gives the index of its answer, or 0. */
    private long read(int number, Session session, long newest, SplittableRandom random) {
        List<String> rows = rows(random);
        ReadOptions options = ReadOptions.defaults().withDeadline(plan.deadline());
        long start = System.nanoTime();
        Answer answer;
        String by;
        try {
            Told told = rows.size() == 1 ? get(session, rows.get(0), options) : getAll(session, rows, options);
            answer = told;
            by = told.header().servedBy();
        } catch (TidemarkException e) {
            answer = new Denied(e.reason());
            by = failed(e);
        }
        long end = System.nanoTime();
        // The staleness that the SDK states has grown by the time that the call took.
        Ask ask = Ask.fresh(STALENESS_BY_DEFAULT.plusNanos(end - start)).atLeast(newest, true);
        note(timed(start, end, true, by), new Reading(recorder.nextId(), number, "any", ask, rows, start, end, answer));
        return answer instanceof Told told ? recorder.noteIndex(told.header().readIndex()) : 0;
    }

    private Told get(Session session, String row, ReadOptions options) {
        RowName name = RowName.parse(row);
        GetResult<byte[]> result = table(name.table(), session).get(name.key(), options);
        return new Told(header(result.header()), Map.of(row, result.row().map(SdkClients::found)));
    }

    /** All of one table. */
    private Told getAll(Session session, List<String> rows, ReadOptions options) {
        List<RowName> names = rows.stream().map(RowName::parse).toList();
        GetAllResult<byte[]> result = table(names.get(0).table(), session)
                .getAll(names.stream().map(RowName::key).toList(), options);
        Map<String, Optional<Found>> found = new HashMap<>();
        IntStream.range(0, rows.size())
                .forEach(i ->
                        found.put(rows.get(i), result.row(names.get(i).key()).map(SdkClients::found)));
        return new Told(header(result.header()), found);
    }

    private List<String> rows(SplittableRandom random) {
        String first = recorder.someRow(random);
        List<String> rows = new ArrayList<>(List.of(first));
        if (random.nextInt(4) == 0) {
            recorder.hotRows(RowName.parse(first).table()).stream()
                    .filter(row -> !row.equals(first))
                    .limit(random.nextInt(1, ROWS_MAX))
                    .forEach(rows::add);
        }
        return rows;
    }

    private TimedCall timed(long start, long end, boolean read, String outcome) {
        long deadline = plan.deadline().toNanos();
        return new TimedCall(start, end, read, deadline, outcome, stalls.nanosWithin(start + deadline, end));
    }

    private synchronized void note(TimedCall call, Operation write) {
        calls.add(call);
        writes.add(write);
    }

    private synchronized void note(TimedCall call, Reading reading) {
        calls.add(call);
        readings.add(reading);
    }

    private static String failed(TidemarkException failure) {
        return "!" + failure.getClass().getSimpleName() + " " + failure.reason();
    }

    private static Found found(Row<byte[]> row) {
        byte[] value = row.value();
        return new Found(
                value == null ? "" : new String(value, StandardCharsets.UTF_8), row.version(), row.modifiedIndex());
    }

    private static Reading.Header header(Header header) {
        return new Reading.Header(
                header.historyId(),
                header.servedBy().id(),
                header.servedBy().role() == ServedBy.Role.REPLICA,
                header.appliedIndex(),
                header.index(),
                header.stalenessOnArrival(),
                header.unmet().isPresent());
    }
}
