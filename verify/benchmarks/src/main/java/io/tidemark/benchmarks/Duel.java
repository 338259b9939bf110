// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import io.tidemark.benchmarks.DuelOptions.Part;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/**
 * The contenders against one another in one process, in turns: what disturbs the machine then disturbs all of them, and
 * the ratios hold when the times do not. Prints a table for each data set to stdout.
 */
public final class Duel implements AutoCloseable {
    private static final int COMMIT_ROWS = 100;
    private static final int LOAD_CHECKPOINT_ROWS = 100_000;
    private static final int CHANGES = 10_000;
    private static final int SCAN_ROWS = 100;
    private static final long WARM_UP_NANOS = 60_000_000_000L;

    private final Dataset data;
    private final DuelOptions options;
    private final Report report;
    private final SplittableRandom random = new SplittableRandom(5);
    private final Map<Kind, Contender> stores = new EnumMap<>(Kind.class);
    private final List<Scratch> scratches = new ArrayList<>();
    private final byte[][] present;
    private final byte[][] absent;
    private int version;

    private Duel(Dataset data, DuelOptions options, Report report) {
        this.data = data;
        this.options = options;
        this.report = report;
        this.present = data.presentKeys(options.reads(), 1);
        this.absent = data.absentKeys(options.reads(), 2);
    }

    public static void main(String[] args) {
        DuelOptions options = DuelOptions.parse(args);
        warmUp(options);
        for (Dataset data : options.data()) {
            Report report = new Report(data.toString());
            run(data, options, report);
            report.print(System.out);
        }
    }

    /** Until the compiler has long been through with all that is measured. */
    private static void warmUp(DuelOptions options) {
        long end = System.nanoTime() + WARM_UP_NANOS;
        do {
            for (Dataset data : options.data()) {
                Dataset small = new Dataset(50_000, data.valueBytes());
                run(small, options.withRounds(2, 200_000, 1000), new Report("warm-up " + small));
            }
        } while (System.nanoTime() - end < 0);
    }

    static void run(Dataset data, DuelOptions options, Report report) {
        try (Duel duel = new Duel(data, options, report)) {
            duel.run();
        }
    }

    private void run() {
        load();
        stores.values().forEach(Contender::compact);
        reads("compacted");
        stores.values().forEach(store -> store.keepTables(true));
        checkpoints();
        reads(options.rounds() + " live tables");
        stores.values().forEach(store -> store.keepTables(false));
        drop(Kind.SKIPLIST);
        if (options.parts().contains(Part.LATENCY)) {
            latencies();
        }
    }

    /** Each round into an empty store; the last round's stay. */
    private void load() {
        int rounds = options.parts().contains(Part.LOAD) ? options.rounds() : 1;
        for (int round = 0; round < rounds; round++) {
            for (Kind kind : options.contenders()) {
                drop(kind);
                Scratch scratch = Scratch.create();
                scratches.add(scratch);
                Contender store = kind.open(scratch.directory());
                stores.put(kind, store);
                Sample sample = Sample.ofProcess(data.rows(), () -> {
                    data.load(store, 0, data.rows(), COMMIT_ROWS, LOAD_CHECKPOINT_ROWS, version);
                    store.checkpoint();
                });
                report.add("load a row, checkpoint per 100k (CPU of all threads)", kind, sample);
            }
        }
    }

    private void reads(String state) {
        if (options.parts().contains(Part.GET)) {
            eachRound("get, " + state, (kind, store) -> gets(store, present));
            eachRound("get absent, " + state, (kind, store) -> gets(store, absent));
            eachRound("get, 2 threads, " + state, (kind, store) -> getsOfTwoThreads(store));
            eachRound("100 gets at one state, " + state, (kind, store) -> batches(store));
        }
        if (options.parts().contains(Part.SCAN)) {
            eachRound("scan of 100, " + state, (kind, store) -> scans(store));
        }
    }

    private void eachRound(String measure, BiFunction<Kind, Contender, Sample> work) {
        for (int round = 0; round < options.rounds(); round++) {
            stores.forEach((kind, store) -> report.add(measure, kind, work.apply(kind, store)));
        }
    }

    private static Sample gets(Contender store, byte[][] keys) {
        return Sample.ofThread(keys.length, () -> {
            for (byte[] key : keys) {
                store.get(key);
            }
        });
    }

    private Sample getsOfTwoThreads(Contender store) {
        return Sample.ofProcess(2 * present.length, () -> {
            CompletableFuture<Sample> other = CompletableFuture.supplyAsync(() -> gets(store, present));
            gets(store, present);
            other.join();
        });
    }

    private Sample batches(Contender store) {
        byte[][] hundred = new byte[100][];
        return Sample.ofThread(present.length / 100, () -> {
            for (int at = 0; at + 100 <= present.length; at += 100) {
                System.arraycopy(present, at, hundred, 0, 100);
                store.getAll(hundred);
            }
        });
    }

    private Sample scans(Contender store) {
        int scans = Math.max(1, present.length / 20);
        return Sample.ofThread(scans, () -> {
            for (int i = 0; i < scans; i++) {
                store.scan(present[i], SCAN_ROWS);
            }
        });
    }

    private void checkpoints() {
        int changes = Math.min(CHANGES, data.rows() / 10);
        for (int round = 0; round < options.rounds(); round++) {
            version++;
            stores.forEach((kind, store) -> {
                data.change(store, changes, random.split(), version);
                Sample sample = Sample.ofProcess(1, store::checkpoint);
                if (kind != Kind.SKIPLIST) {
                    report.add("checkpoint after " + changes + " changes (CPU of all threads)", kind, sample);
                }
            });
        }
    }

    /** A reader's latency while nothing else runs, then beside a writer, checkpoints and compaction. */
    private void latencies() {
        for (int round = 0; round < options.rounds(); round++) {
            version++;
            stores.forEach((kind, store) -> {
                Reader reader = new Reader(store, present);
                Latencies quiet = reader.watch(options.latencyMillis() / 4);
                Latencies busy;
                try (Churn churn = new Churn(store, data, random.split(), version)) {
                    busy = reader.watch(options.latencyMillis());
                    churn.check();
                }
                latency("p50", 0.5, kind, quiet, busy);
                latency("p99", 0.99, kind, quiet, busy);
            });
        }
    }

    private void latency(String name, double share, Kind kind, Latencies quiet, Latencies busy) {
        double before = quiet.micros(share);
        double beside = busy.micros(share);
        report.add("reader " + name + ", quiet", kind, new Sample(before, 0));
        report.add("reader " + name + ", beside " + Churn.TITLE, kind, new Sample(beside, 0));
        report.add("reader " + name + ", the second by the first", kind, new Sample(beside / before, 0));
    }

    private void drop(Kind kind) {
        Contender store = stores.remove(kind);
        if (store != null) {
            store.close();
        }
    }

    @Override
    public void close() {
        stores.values().forEach(Contender::close);
        scratches.forEach(Scratch::close);
    }
}
