// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs simulations and prints what came of them as Markdown. Ends with an error if a promise was broken, and says by which seed. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        sortOptions = false,
        description = "A whole cluster in one thread and in virtual time.")
public final class Simulation {

    private static final int BROKEN = 1;
    private static final double MIB = 1 << 20;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "The first seed.",
            scope = CommandLine.ScopeType.INHERIT)
    private long seed;

    @Option(names = "--seeds", defaultValue = "1", description = "How many.", scope = CommandLine.ScopeType.INHERIT)
    private int seeds;

    @Option(names = "--nodes", defaultValue = "5", scope = CommandLine.ScopeType.INHERIT)
    private int nodes;

    @Option(names = "--replicas", defaultValue = "200", scope = CommandLine.ScopeType.INHERIT)
    private int replicas;

    @Option(names = "--shards", defaultValue = "1024", scope = CommandLine.ScopeType.INHERIT)
    private int shards;

    @Option(names = "--rows", defaultValue = "4000", scope = CommandLine.ScopeType.INHERIT)
    private int rows;

    @Option(
            names = "--dir",
            description = "Where stores are kept meanwhile; best in memory.",
            scope = CommandLine.ScopeType.INHERIT)
    private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is called
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Simulation()).execute(args));
    }

    /** What is done with a run. */
    private interface Scenario {
        void go(Run run, PrintWriter out);
    }

    private Setup setup(long ofSeed, Path stores, double readsPerReplica, double boundedPart, int loss) {
        return new Setup(
                ofSeed,
                stores,
                nodes,
                replicas,
                4,
                shards,
                2,
                rows,
                100,
                readsPerReplica,
                boundedPart,
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                loss,
                PlantedFault.NONE);
    }

    @Command(name = "weather", description = "Everything goes wrong, again and again; no promise may be broken.")
    int weather(
            @Option(names = "--small", description = "3 nodes, 12 replicas and 64 shards: what the unit tests run.")
                    boolean small,
            @Option(names = "--plant", defaultValue = "NONE", description = "With a bug: ${COMPLETION-CANDIDATES}.")
                    PlantedFault planted,
            @Option(names = "--seconds", defaultValue = "120", description = "Of bad weather, in virtual time.")
                    int seconds,
            @Option(names = "--every", defaultValue = "700", description = "Milliseconds between two misfortunes.")
                    int every) {
        return each(
                (ofSeed, stores) ->
                        (small ? Setup.small(ofSeed, stores) : setup(ofSeed, stores, 1, 0.5, 1)).with(planted),
                (run, out) -> {
                    run.start();
                    Weather weather = run.weather(Duration.ofSeconds(seconds), Duration.ofMillis(every));
                    out.println(weather.happened());
                    if (run.cluster().world().violationCount() == 0) {
                        run.calm();
                    }
                });
    }

    @Command(name = "churn", description = "Replicas come and go: what is moved, how even it is, how long it takes.")
    int churn() {
        return each((ofSeed, stores) -> setup(ofSeed, stores, 0.5, 0.02, 0), (run, out) -> new Churn(run, out).go());
    }

    @Command(name = "probes", description = "What the probes of many replicas are for the leader.")
    int probes(
            @Option(names = "--counts", split = ",", defaultValue = "10,50,100,200", description = "Of replicas.")
                    List<Integer> counts,
            @Option(
                            names = "--seconds",
                            defaultValue = "5",
                            description = "How long each is measured, in virtual time.")
                    int seconds) {
        PrintWriter out = spec.commandLine().getOut();
        Probing.head(out);
        int worst = 0;
        for (int count : counts) {
            replicas = count;
            worst = Math.max(
                    worst,
                    each(
                            (ofSeed, stores) -> setup(ofSeed, stores, 2, 1, 0),
                            (run, to) -> new Probing(run).go(Duration.ofSeconds(seconds), to)));
        }
        return worst;
    }

    /** How a run is set up. */
    private interface Setups {
        Setup of(long seed, Path stores);
    }

    private int each(Setups setups, Scenario scenario) {
        boolean broken = false;
        for (long one = seed; one < seed + seeds; one++) {
            broken |= !isKept(one, setups, scenario);
        }
        return broken ? BROKEN : 0;
    }

    private boolean isKept(long ofSeed, Setups setups, Scenario scenario) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path stores = null;
        long begun = System.nanoTime();
        try {
            stores = Files.createTempDirectory(directory, "simulation");
            try (Run run = new Run(setups.of(ofSeed, stores))) {
                scenario.go(run, out);
                tell(ofSeed, run, (System.nanoTime() - begun) / 1e9, err);
                out.flush();
                return run.cluster().world().violationCount() == 0;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("stores cannot be kept in " + directory, e);
        } finally {
            if (stores != null) {
                delete(stores);
            }
        }
    }

    private static void tell(long ofSeed, Run run, double seconds, PrintWriter err) {
        World world = run.cluster().world();
        Truth.Counts counts = run.cluster().truth().counts();
        err.printf(
                Locale.ROOT,
                "seed %d: %.0f s of virtual time in %.0f s, %d steps, %d commits, %d answers checked (%d with a bound, mean"
                        + " %.0f ms; %d linearizable, %d of sessions), %d copies of shards, %d storms, %.0f MiB of heap%n",
                ofSeed,
                world.nanos() / 1e9,
                seconds,
                world.steps(),
                run.cluster().truth().last(),
                counts.answers(),
                counts.bounds(),
                counts.meanBoundMillis(),
                counts.linearizable(),
                counts.sessions(),
                run.cluster().figures().copies(),
                run.cluster().figures().storms(),
                (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) / MIB);
        for (Map.Entry<String, Long> outcome : run.outcomes().entrySet()) {
            err.printf("  %s: %d%n", outcome.getKey(), outcome.getValue());
        }
        if (world.violationCount() > 0) {
            err.printf(
                    "BROKEN, %d times; see it again with the same command and --seed=%d --seeds=1%n",
                    world.violationCount(), ofSeed);
            world.violations().forEach(violation -> err.println("  " + violation));
        }
        err.flush();
    }

    private static void delete(Path root) {
        try (Stream<Path> found = Files.walk(root)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the stores in " + root + " cannot be deleted", e);
        }
    }
}
