// SPDX-License-Identifier: Apache-2.0
package io.tidemark.clients;

import io.tidemark.bench.BlockingConnection;
import io.tidemark.bench.Connection;
import io.tidemark.bench.DurationConverter;
import io.tidemark.bench.Endpoint;
import io.tidemark.bench.Kind;
import io.tidemark.bench.Load;
import io.tidemark.bench.Plan;
import io.tidemark.bench.Result;
import io.tidemark.verify.peers.Figures;
import io.tidemark.verify.peers.Peer;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Puts both systems under the same load by different clients, in turns, and prints what came of it as Markdown. */
@Command(name = "compare-clients", mixinStandardHelpOptions = true, showDefaultValues = true, sortOptions = false)
public final class ClientComparison implements Callable<Integer> {

    private static final int FAILED = 1;
    private static final int VALUE_BYTES = 256;

    @Option(names = "--etcd", split = ",", paramLabel = "HOST:PORT", required = true)
    private List<String> etcd = List.of();

    @Option(names = "--etcd-pids", split = ",", paramLabel = "PID")
    private List<Long> etcdPids = List.of();

    @Option(names = "--tidemark", split = ",", paramLabel = "HOST:PORT", required = true, description = "The nodes.")
    private List<String> tidemark = List.of();

    @Option(names = "--tidemark-pids", split = ",", paramLabel = "PID")
    private List<Long> tidemarkPids = List.of();

    @Option(names = "--replica", paramLabel = "HOST:PORT", required = true, description = "The one replica.")
    private String replica = "";

    @Option(names = "--replica-pid", paramLabel = "PID", required = true)
    private long replicaPid;

    @Option(names = "--rounds", defaultValue = "5", description = "How often each is measured.")
    private int rounds;

    @Option(
            names = "--warm-up",
            defaultValue = "20s",
            converter = DurationConverter.class,
            description = "Each load beforehand, by each client.")
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

    @Option(names = "--keys", defaultValue = "100000", description = "How many rows there are.")
    private int keys;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(new CommandLine(new ClientComparison()).execute(args));
    }

    @Override
    public Integer call() throws InterruptedException {
        Systems systems = new Systems(
                new Peer(Peer.Name.ETCD, endpoints(etcd), etcdPids),
                new Peer(Peer.Name.TIDEMARK, endpoints(tidemark), tidemarkPids),
                Endpoint.parse(replica),
                replicaPid);
        Plan.RowShape rows = new Plan.RowShape(keys, 16, VALUE_BYTES, Plan.Distribution.UNIFORM);
        preload(systems, Contender.RAW, rows);
        preload(systems, Contender.RAW_ETCD, rows);
        Map<Contest, Map<Contender, Figures>> figures = new LinkedHashMap<>();
        long failed = 0;
        for (Contest contest : Contest.ALL) {
            try (Arena arena = new Arena(systems, contest)) {
                failed += hold(contest, arena, rows, figures);
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        Tables.print(figures, out);
        out.flush();
        if (failed > 0) {
            note(failed + " calls failed, or found nothing: these figures are no measurement");
        }
        return failed == 0 ? 0 : FAILED;
    }

    private static List<Endpoint> endpoints(List<String> texts) {
        return texts.stream().map(Endpoint::parse).toList();
    }

    private void preload(Systems systems, Contender contender, Plan.RowShape rows) throws InterruptedException {
        note("writing " + keys + " rows by " + contender.title());
        try (Connection connection = systems.connect(contender, Kind.PUT)) {
            new Load(List.of(connection), List.of()).preload(rows);
        }
    }

    private long hold(Contest contest, Arena arena, Plan.RowShape rows, Map<Contest, Map<Contender, Figures>> figures)
            throws InterruptedException {
        for (Contender contender : contest.contenders()) {
            note(contest.title() + ": warming up " + contender.title());
            Result unused = arena.run(contender, contest.plan(rows, Duration.ZERO, warmUp));
        }
        long failed = 0;
        int count = contest.contenders().size();
        for (int round = 0; round < rounds; round++) {
            for (int turn = 0; turn < count; turn++) {
                // Who is first alternates, for whoever comes later finds a busier disk.
                Contender contender = contest.contenders().get((turn + round) % count);
                Result result = arena.run(contender, contest.plan(rows, settle, duration));
                failed += result.failed() + result.absent();
                figures.computeIfAbsent(contest, key -> new EnumMap<>(Contender.class))
                        .computeIfAbsent(contender, key -> new Figures())
                        .add(result);
                note(String.format(
                        Locale.ROOT,
                        "%s, round %d, %s: %.0f/s, %.0f bytes per call, errors %s",
                        contest.title(),
                        round + 1,
                        contender.title(),
                        result.rate(),
                        result.clientAllocatedPerCall(),
                        result.errors()));
            }
        }
        return failed;
    }

    private void note(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }

    /** The connections of one contest, each opened when it is first needed: clients live longer than a measure. */
    private static final class Arena implements AutoCloseable {

        private final Systems systems;
        private final Contest contest;
        private final Map<Contender, Connection> connections = new EnumMap<>(Contender.class);
        private final Map<Contender, BlockingConnection> blocking = new EnumMap<>(Contender.class);

        Arena(Systems systems, Contest contest) {
            this.systems = systems;
            this.contest = contest;
        }

        Result run(Contender contender, Plan plan) throws InterruptedException {
            List<Long> pids = systems.pids(contender);
            if (contest.blocking()) {
                return Load.runBlocking(
                        plan, List.of(blocking.computeIfAbsent(contender, systems::connectBlocking)), pids);
            }
            Connection connection = connections.get(contender);
            if (connection == null) {
                connection = systems.connect(contender, contest.kind());
                connections.put(contender, connection);
            }
            return new Load(List.of(connection), pids).run(plan, progress -> {});
        }

        @Override
        public void close() {
            connections.values().forEach(Connection::close);
            blocking.values().forEach(BlockingConnection::close);
        }
    }
}
