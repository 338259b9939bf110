// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.replicas;

import io.tidemark.bench.Connection;
import io.tidemark.bench.Consistency;
import io.tidemark.bench.DurationConverter;
import io.tidemark.bench.Endpoint;
import io.tidemark.bench.FollowerDelay;
import io.tidemark.bench.Load;
import io.tidemark.bench.Plan;
import io.tidemark.bench.Result;
import io.tidemark.bench.TidemarkConnection;
import io.tidemark.verify.peers.Figures;
import io.tidemark.verify.peers.Samples;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.HdrHistogram.Histogram;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Gets from one replica beside the bare echo, in turns, and how fresh the replica is under writes; as Markdown. */
@Command(name = "reads", mixinStandardHelpOptions = true, showDefaultValues = true, sortOptions = false)
public final class ReplicaFigures implements Callable<Integer> {

    static final String TABLE = "replicas";

    private static final int FAILED = 1;
    private static final int KEY_BYTES = 16;
    private static final int VALUE_BYTES = 256;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration BOUND = Duration.ofSeconds(5);
    private static final List<ReadMeasure> GETS =
            List.of(ReadMeasure.ECHO, ReadMeasure.SESSION, ReadMeasure.BOUNDED, ReadMeasure.LINEARIZABLE);
    private static final List<Integer> OUTSTANDING = List.of(256, 64);

    @Option(names = "--leader", required = true, paramLabel = "HOST:PORT")
    private String leader = "";

    @Option(
            names = "--replica",
            required = true,
            paramLabel = "HOST:PORT",
            description = "A replica that serves every shard.")
    private String replica = "";

    @Option(names = "--replica-pid", required = true, paramLabel = "PID")
    private long replicaPid;

    @Option(names = "--echo", required = true, paramLabel = "HOST:PORT")
    private String echo = "";

    @Option(names = "--echo-pid", required = true, paramLabel = "PID")
    private long echoPid;

    @Option(names = "--rounds", defaultValue = "5", description = "How often each measure is taken.")
    private int rounds;

    @Option(
            names = "--warm-up",
            defaultValue = "60s",
            converter = DurationConverter.class,
            description = "Load on each server beforehand.")
    private Duration warmUp = Duration.ZERO;

    @Option(names = "--settle", defaultValue = "1s", converter = DurationConverter.class)
    private Duration settle = Duration.ZERO;

    @Option(names = "--duration", defaultValue = "4s", converter = DurationConverter.class)
    private Duration duration = Duration.ZERO;

    @Option(
            names = "--write-rate",
            defaultValue = "3000",
            description = "Puts per second beside which freshness is measured.")
    private double writeRate;

    @Option(names = "--keys", defaultValue = "100000", description = "How many rows there are.")
    private int keys;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    private final Map<String, Figures> figures = new LinkedHashMap<>();

    public static void main(String[] args) {
        System.exit(new CommandLine(new ReplicaFigures()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        Plan.RowShape rows = new Plan.RowShape(keys, KEY_BYTES, VALUE_BYTES, Plan.Distribution.UNIFORM);
        note("writing " + keys + " rows");
        Connection writer = connect(Endpoint.parse(leader), Consistency.LINEARIZABLE);
        try {
            new Load(List.of(writer), List.of()).preload(rows);
        } finally {
            writer.close();
        }
        for (ReadMeasure measure : GETS) {
            note("warming up, " + measure.name());
            Result unused =
                    run(measure, Plan.gets(rows, OUTSTANDING.get(0), Duration.ZERO, warmUp.dividedBy(GETS.size())));
        }
        long failed = 0;
        for (int outstanding : OUTSTANDING) {
            for (int round = 0; round < rounds; round++) {
                for (int turn = 0; turn < GETS.size(); turn++) {
                    failed += measure(GETS.get((turn + round) % GETS.size()), outstanding, rows, round);
                }
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        gets(out);
        freshness(out);
        out.flush();
        if (failed > 0) {
            note(failed + " calls failed: these figures are no measurement");
        }
        return failed == 0 ? 0 : FAILED;
    }

    private long measure(ReadMeasure measure, int outstanding, Plan.RowShape rows, int round)
            throws InterruptedException {
        Result result = run(measure, Plan.gets(rows, outstanding, settle, duration));
        figures.computeIfAbsent(name(measure, outstanding), key -> new Figures())
                .add(result);
        note(String.format(
                Locale.ROOT,
                "%s, round %d: %.0f/s, server's CPU %.2f s/100k, errors %s",
                name(measure, outstanding),
                round + 1,
                result.rate(),
                result.serverCpuPer100k().orElse(Double.NaN),
                result.errors()));
        return result.failed();
    }

    private Result run(ReadMeasure measure, Plan plan) throws InterruptedException {
        Connection connection = connect(Endpoint.parse(measure.echo() ? echo : replica), measure.consistency());
        try {
            return new Load(List.of(connection), List.of(measure.echo() ? echoPid : replicaPid))
                    .run(plan, progress -> {});
        } finally {
            connection.close();
        }
    }

    private static Connection connect(Endpoint endpoint, Consistency consistency) {
        return TidemarkConnection.open(
                endpoint, new TidemarkConnection.Options(TABLE, consistency, BOUND, false, CALL_TIMEOUT));
    }

    private void gets(PrintWriter out) {
        out.println(
                "| one channel | per second | p50 ms | p99 ms | server's CPU s/100k | by the echo: rate, CPU | by session gets: rate |");
        out.println("|---|---|---|---|---|---|---|");
        for (int outstanding : OUTSTANDING) {
            for (ReadMeasure measure : GETS) {
                Figures of = of(measure, outstanding);
                out.printf(
                        "| %s | %s | %s | %s | %s | %s, %s | %s |%n",
                        name(measure, outstanding),
                        of.rate().cell("%.0f"),
                        of.p50().cell("%.2f"),
                        of.p99().cell("%.1f"),
                        of.serverCpu().cell("%.2f"),
                        ratio(measure, ReadMeasure.ECHO, outstanding, Figures::rate),
                        ratio(measure, ReadMeasure.ECHO, outstanding, Figures::serverCpu),
                        ratio(measure, ReadMeasure.SESSION, outstanding, Figures::rate));
            }
        }
        out.println();
    }

    private void freshness(PrintWriter out) throws InterruptedException {
        note("freshness at " + writeRate + " puts/s");
        try (StatedStaleness stated = new StatedStaleness(Endpoint.parse(replica), TABLE, "delay")) {
            FollowerDelay.Outcome unused = delay(warmUp.dividedBy(2));
            stated.count();
            FollowerDelay.Outcome outcome = delay(duration.multipliedBy(10));
            Histogram staleness = stated.end();
            out.printf(Locale.ROOT, "| %.0f puts/s | p50 ms | p99 ms | max ms |%n|---|---|---|---|%n", writeRate);
            out.printf(
                    Locale.ROOT,
                    "| visible at the replica after its acknowledgement | %.2f | %.2f | %.1f |%n",
                    outcome.first().p50() / NANOS_PER_MILLI,
                    outcome.first().p99() / NANOS_PER_MILLI,
                    outcome.first().max() / NANOS_PER_MILLI);
            out.printf(
                    Locale.ROOT,
                    "| put | %.2f | %.2f | %.1f |%n",
                    outcome.putLatencies().p50() / NANOS_PER_MILLI,
                    outcome.putLatencies().p99() / NANOS_PER_MILLI,
                    outcome.putLatencies().max() / NANOS_PER_MILLI);
            out.printf(
                    Locale.ROOT,
                    "| stated staleness | %.2f | %.2f | %.1f |%n%n",
                    staleness.getValueAtPercentile(50) / NANOS_PER_MILLI,
                    staleness.getValueAtPercentile(99) / NANOS_PER_MILLI,
                    staleness.getMaxValue() / NANOS_PER_MILLI);
            if (outcome.unseen() > 0) {
                out.println(outcome.unseen() + " puts were not seen at the replica");
            }
        }
    }

    private FollowerDelay.Outcome delay(Duration lasting) throws InterruptedException {
        return FollowerDelay.measure(new FollowerDelay.Ask(
                Endpoint.parse(leader),
                List.of(Endpoint.parse(replica)),
                TABLE,
                OptionalDouble.of(writeRate),
                settle,
                lasting,
                VALUE_BYTES));
    }

    private String ratio(ReadMeasure measure, ReadMeasure by, int outstanding, Function<Figures, Samples> figure) {
        return figure.apply(of(measure, outstanding))
                .by(figure.apply(of(by, outstanding)))
                .cell("%.2f");
    }

    private Figures of(ReadMeasure measure, int outstanding) {
        return figures.getOrDefault(name(measure, outstanding), new Figures());
    }

    private static String name(ReadMeasure measure, int outstanding) {
        return measure.name() + ", " + outstanding + " outstanding";
    }

    private void note(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }
}
