// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.replicas;

import com.sun.management.OperatingSystemMXBean;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.bench.Connection;
import io.tidemark.bench.Consistency;
import io.tidemark.bench.DurationConverter;
import io.tidemark.bench.Endpoint;
import io.tidemark.bench.Load;
import io.tidemark.bench.Plan;
import io.tidemark.bench.Result;
import io.tidemark.bench.TidemarkConnection;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.DrainReplicaRequest;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ResumeReplicaRequest;
import io.tidemark.proto.v1.ShardRange;
import io.tidemark.proto.v1.Topology;
import io.tidemark.verify.peers.Samples;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How fast a replica makes up for what it missed: by the feed, after it was paused while others wrote; and by copies, after it was
 * drained. The process stays the same, so that its compiler has done its work.
 */
@Command(name = "catch-up", mixinStandardHelpOptions = true, showDefaultValues = true, sortOptions = false)
public final class CatchUpFigures implements Callable<Integer> {

    private static final int KEY_BYTES = 16;
    private static final int VALUE_BYTES = 256;
    private static final int WRITERS = 256;
    private static final long POLL_MILLIS = 5;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Option(names = "--leader", required = true, paramLabel = "HOST:PORT")
    private String leader = "";

    @Option(names = "--replica", required = true, paramLabel = "HOST:PORT")
    private String replica = "";

    @Option(names = "--replica-id", required = true, paramLabel = "ID")
    private String replicaId = "";

    @Option(names = "--replica-pid", required = true, paramLabel = "PID")
    private long replicaPid;

    @Option(names = "--rounds", defaultValue = "5")
    private int rounds;

    @Option(
            names = "--warm-up-rounds",
            defaultValue = "10",
            description = "How often it catches up by the feed beforehand, without being measured.")
    private int warmUpRounds;

    @Option(
            names = "--pause",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "For how long others write while the replica is paused.")
    private Duration pause = Duration.ZERO;

    @Option(names = "--keys", defaultValue = "100000")
    private int keys;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    private final Samples written = new Samples();
    private final Samples caughtUp = new Samples();
    private final Samples copied = new Samples();

    /** The share of all processors that was not idle while copies were taken, to see whether they limit them. */
    private final Samples busy = new Samples();

    private final OperatingSystemMXBean machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    public static void main(String[] args) {
        System.exit(new CommandLine(new CatchUpFigures()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        ManagedChannel atLeader = open(leader);
        ManagedChannel atReplica = open(replica);
        try {
            for (int round = 0; round < warmUpRounds; round++) {
                Feed unused = byFeed(atLeader, atReplica);
            }
            for (int round = 0; round < rounds; round++) {
                Feed feed = byFeed(atLeader, atReplica);
                written.add(feed.written());
                caughtUp.add(feed.caughtUp());
            }
            for (int round = 0; round < rounds; round++) {
                byCopies(atLeader);
            }
        } finally {
            atLeader.shutdownNow();
            atReplica.shutdownNow();
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("| | per second | by the write rate |");
        out.println("|---|---|---|");
        out.printf("| commits written, 256 outstanding | %s | |%n", written.cell("%.0f"));
        out.printf(
                "| commits caught up with by the feed | %s | %s |%n",
                caughtUp.cell("%.0f"), caughtUp.by(written).cell("%.2f"));
        out.printf("| rows taken over by copies | %s | |%n", copied.cell("%.0f"));
        out.printf("| of the machine's processors busy meanwhile | %s | |%n%n", busy.cell("%.2f"));
        out.flush();
        return 0;
    }

    /** Commits per second. */
    private record Feed(double written, double caughtUp) {}

    private Feed byFeed(ManagedChannel atLeader, ManagedChannel atReplica) throws IOException, InterruptedException {
        double rate;
        long before = appliedIndex(atLeader);
        // So that the first question after the pause does not wait for a connection while the replica catches up.
        awaitBeyond(atReplica, before - 1);
        signal("-STOP");
        try {
            Connection writer = TidemarkConnection.open(
                    Endpoint.parse(leader),
                    new TidemarkConnection.Options(
                            ReplicaFigures.TABLE, Consistency.LINEARIZABLE, Duration.ZERO, false, PATIENCE));
            try {
                Result result = new Load(List.of(writer), List.of())
                        .run(
                                Plan.puts(
                                        new Plan.RowShape(keys, KEY_BYTES, VALUE_BYTES, Plan.Distribution.UNIFORM),
                                        WRITERS,
                                        Duration.ZERO,
                                        pause),
                                progress -> {});
                rate = result.rate();
            } finally {
                writer.close();
            }
        } finally {
            signal("-CONT");
        }
        long target = appliedIndex(atLeader);
        // From its first step on: finding its upstream again is not catching up.
        long from = awaitBeyond(atReplica, before);
        long begun = System.nanoTime();
        long reached = awaitBeyond(atReplica, target - 1);
        double seconds = (System.nanoTime() - begun) / 1e9;
        note(String.format(Locale.ROOT, "%d commits by the feed in %.2f s", reached - from, seconds));
        return new Feed(rate, (reached - from) / seconds);
    }

    private void byCopies(ManagedChannel atLeader) throws InterruptedException {
        MaintenanceGrpc.newBlockingStub(atLeader)
                .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .drainReplica(
                        DrainReplicaRequest.newBuilder().setReplicaId(replicaId).build())
                .forEachRemaining(progress -> {});
        while (served(atLeader) > 0) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        long rows = MaintenanceGrpc.newBlockingStub(atLeader)
                .getStatus(GetStatusRequest.getDefaultInstance())
                .getStore()
                .getRowCount();
        // What it answers is the load since it was last asked.
        double unusedLoad = machine.getCpuLoad();
        long begun = System.nanoTime();
        var unused = MaintenanceGrpc.newBlockingStub(atLeader)
                .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .resumeReplica(ResumeReplicaRequest.newBuilder()
                        .setReplicaId(replicaId)
                        .build());
        while (served(atLeader) < shards(atLeader)) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new IllegalStateException(replicaId + " does not serve every shard after " + PATIENCE);
            }
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        busy.add(machine.getCpuLoad());
        copied.add(rows / seconds);
        note(String.format(Locale.ROOT, "%d rows by copies in %.2f s", rows, seconds));
    }

    private long awaitBeyond(ManagedChannel atReplica, long index) throws InterruptedException {
        long begun = System.nanoTime();
        while (true) {
            long applied = appliedIndex(atReplica);
            if (applied > index) {
                return applied;
            }
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new IllegalStateException("still at index " + applied + " after " + PATIENCE);
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private static long appliedIndex(ManagedChannel channel) {
        return MaintenanceGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .getStatus(GetStatusRequest.getDefaultInstance())
                .getHeader()
                .getAppliedIndex();
    }

    private int served(ManagedChannel channel) {
        return topology(channel).getReplicasList().stream()
                .filter(member -> member.getReplicaId().equals(replicaId))
                .map(Replica::getServing)
                .flatMap(set -> set.getRangesList().stream())
                .mapToInt(CatchUpFigures::length)
                .sum();
    }

    private static int shards(ManagedChannel channel) {
        return topology(channel).getShardCount();
    }

    private static int length(ShardRange range) {
        return range.getLast() - range.getFirst() + 1;
    }

    private static Topology topology(ManagedChannel channel) {
        return ClusterGrpc.newBlockingStub(channel)
                .withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .getTopology(GetTopologyRequest.getDefaultInstance())
                .getTopology();
    }

    private void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", name, Long.toString(replicaPid))
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IllegalStateException("kill " + name + " " + replicaPid + ": exit code " + exit);
        }
    }

    private static ManagedChannel open(String address) {
        Endpoint endpoint = Endpoint.parse(address);
        return NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
                .usePlaintext()
                .build();
    }

    private void note(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }
}
