// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.peers;

import io.tidemark.bench.Connection;
import io.tidemark.bench.DurationConverter;
import io.tidemark.bench.Endpoint;
import io.tidemark.bench.FollowerDelay;
import io.tidemark.bench.Kind;
import io.tidemark.bench.Load;
import io.tidemark.bench.Plan;
import io.tidemark.bench.ProcessCpu;
import io.tidemark.bench.Result;
import io.tidemark.verify.peers.Peer.Name;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Puts both systems under the same load, in turns, from one warmed client, and prints what came of it as Markdown. Either may
 * be left out; then there are no ratios.
 */
@Command(name = "compare", mixinStandardHelpOptions = true, showDefaultValues = true, sortOptions = false)
public final class Comparison implements Callable<Integer> {

    private static final int FAILED = 1;
    private static final int WARM_UP_OUTSTANDING = 64;
    /** What is done once for each entry of the log is compiled after tens of thousands of entries, which large ones take too long to come to. */
    private static final int WARM_UP_FEW = 4;

    private static final Duration IDLE_SETTLE = Duration.ofSeconds(10);
    private static final int VALUE_BYTES = 256;
    private static final double FOLLOWER_DELAY_RATE = 100;

    @Option(names = "--etcd", split = ",", paramLabel = "HOST:PORT", description = "etcd's client addresses.")
    private List<String> etcd = List.of();

    @Option(names = "--etcd-pids", split = ",", paramLabel = "PID")
    private List<Long> etcdPids = List.of();

    @Option(names = "--tidemark", split = ",", paramLabel = "HOST:PORT", description = "The nodes' client addresses.")
    private List<String> tidemark = List.of();

    @Option(names = "--tidemark-pids", split = ",", paramLabel = "PID")
    private List<Long> tidemarkPids = List.of();

    @Option(names = "--rounds", defaultValue = "5", description = "How often each measure is taken of each system.")
    private int rounds;

    @Option(
            names = "--warm-up",
            defaultValue = "60s",
            converter = DurationConverter.class,
            description = "Load on each beforehand.")
    private Duration warmUp = Duration.ZERO;

    @Option(
            names = "--settle",
            defaultValue = "1s",
            converter = DurationConverter.class,
            description = "Load before each measure.")
    private Duration settle = Duration.ZERO;

    @Option(
            names = "--duration",
            defaultValue = "4s",
            converter = DurationConverter.class,
            description = "How long each measure is taken.")
    private Duration duration = Duration.ZERO;

    @Option(
            names = "--idle",
            defaultValue = "60s",
            converter = DurationConverter.class,
            description = "How long both are left alone.")
    private Duration idle = Duration.ZERO;

    @Option(names = "--keys", defaultValue = "100000", description = "How many rows there are.")
    private int keys;

    @Option(
            names = "--matching",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "Only the measures whose names begin so, such as \"put, alone\".")
    private String matching = "";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    private final Map<Measure, Map<Name, Figures>> figures = new LinkedHashMap<>();

    public static void main(String[] args) {
        System.exit(new CommandLine(new Comparison()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Peer> peers = peers();
        Plan.RowShape rows = new Plan.RowShape(keys, 16, VALUE_BYTES, Plan.Distribution.UNIFORM);
        for (Peer peer : peers) {
            warmUp(peer, rows);
        }
        long failed = 0;
        List<Measure> measures = Measure.ALL.stream()
                .filter(measure -> measure.toString().startsWith(matching))
                .toList();
        for (Measure measure : measures) {
            for (int round = 0; round < rounds; round++) {
                for (int turn = 0; turn < peers.size(); turn++) {
                    // Who is first alternates, for whoever is second finds a busier disk.
                    Peer peer = peers.get((turn + round) % peers.size());
                    failed += measure(peer, measure, rows, round);
                }
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        Markdown.figures(figures, out);
        idle(peers, out);
        for (Peer peer : peers) {
            if (peer.name() == Name.TIDEMARK && peer.endpoints().size() > 1) {
                followerDelay(peer, out);
            }
        }
        out.flush();
        if (failed > 0) {
            note(failed + " calls failed: these figures are no measurement");
        }
        return failed == 0 ? 0 : FAILED;
    }

    private List<Peer> peers() {
        List<Peer> peers = new ArrayList<>();
        if (!etcd.isEmpty()) {
            peers.add(new Peer(Name.ETCD, etcd.stream().map(Endpoint::parse).toList(), etcdPids));
        }
        if (!tidemark.isEmpty()) {
            peers.add(new Peer(
                    Name.TIDEMARK, tidemark.stream().map(Endpoint::parse).toList(), tidemarkPids));
        }
        if (peers.isEmpty()) {
            throw new CommandLine.ParameterException(spec.commandLine(), "neither --etcd nor --tidemark is given");
        }
        return peers;
    }

    /** Until compilers, of the servers and of this process, are through with every measure. */
    private void warmUp(Peer peer, Plan.RowShape rows) throws InterruptedException {
        note("writing " + keys + " rows to " + peer.name().title());
        List<Connection> connections = peer.connect(peer.leader(), 1);
        try {
            new Load(connections, List.of()).preload(rows);
        } finally {
            connections.forEach(Connection::close);
        }
        note("warming up " + peer.name().title() + " for " + warmUp.toSeconds() + " s");
        List<Measure> mix = List.of(
                new Measure(Kind.PUT, WARM_UP_OUTSTANDING, 1),
                new Measure(Kind.GET, WARM_UP_OUTSTANDING, 2),
                new Measure(Kind.PUT, WARM_UP_FEW, 1));
        for (Measure measure : mix) {
            Duration share = warmUp.dividedBy(mix.size()).plusMillis(1);
            Result unused = run(peer, measure, measure.plan(rows, Duration.ZERO, share));
        }
    }

    private long measure(Peer peer, Measure measure, Plan.RowShape rows, int round) throws InterruptedException {
        Result result = run(peer, measure, measure.plan(rows, settle, duration));
        figures.computeIfAbsent(measure, key -> new EnumMap<>(Name.class))
                .computeIfAbsent(peer.name(), key -> new Figures())
                .add(result);
        note(String.format(
                Locale.ROOT,
                "%s, round %d, %s: %.0f/s, servers' CPU %.2f s/100k, errors %s",
                measure,
                round + 1,
                peer.name().title(),
                result.rate(),
                result.serverCpuPer100k().orElse(Double.NaN),
                result.errors()));
        return result.failed();
    }

    private static Result run(Peer peer, Measure measure, Plan plan) throws InterruptedException {
        List<Connection> connections = peer.connect(peer.leader(), measure.channels());
        try {
            return new Load(connections, peer.pids()).run(plan, progress -> {});
        } finally {
            connections.forEach(Connection::close);
        }
    }

    private void idle(List<Peer> peers, PrintWriter out) throws InterruptedException {
        note("leaving both alone for " + idle.toSeconds() + " s");
        // What the load left to do is not idleness.
        TimeUnit.NANOSECONDS.sleep(Math.min(IDLE_SETTLE.toNanos(), idle.toNanos()));
        Map<Long, Double> before = new HashMap<>();
        for (Peer peer : peers) {
            peer.pids().forEach(pid -> before.put(pid, ProcessCpu.secondsOf(List.of(pid))));
        }
        TimeUnit.NANOSECONDS.sleep(idle.toNanos());
        Map<Name, Map<Long, Double>> shares = new EnumMap<>(Name.class);
        for (Peer peer : peers) {
            Map<Long, Double> byPid = new LinkedHashMap<>();
            for (long pid : peer.pids()) {
                double spent = ProcessCpu.secondsOf(List.of(pid)) - before.getOrDefault(pid, 0.0);
                byPid.put(pid, spent / (idle.toNanos() / 1e9));
            }
            shares.put(peer.name(), byPid);
        }
        Markdown.idle(shares, idle.toSeconds(), out);
    }

    private void followerDelay(Peer peer, PrintWriter out) throws InterruptedException {
        Endpoint leader = peer.leader();
        List<Endpoint> followers =
                peer.endpoints().stream().filter(e -> !e.equals(leader)).toList();
        Map<String, FollowerDelay.Outcome> outcomes = new LinkedHashMap<>();
        for (OptionalDouble rate : List.of(OptionalDouble.empty(), OptionalDouble.of(FOLLOWER_DELAY_RATE))) {
            String name = rate.isEmpty() ? "one after the other" : (int) FOLLOWER_DELAY_RATE + " per second";
            note("follower delay, puts " + name);
            outcomes.put(
                    name,
                    FollowerDelay.measure(new FollowerDelay.Ask(
                            leader, followers, Peer.TABLE, rate, settle, duration.multipliedBy(5), VALUE_BYTES)));
        }
        Markdown.followerDelay(outcomes, out);
    }

    private void note(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }
}
