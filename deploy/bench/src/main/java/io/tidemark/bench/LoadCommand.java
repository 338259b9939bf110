// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** One load on one system; what differs between the kinds of load is the share of gets. */
@Command(
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:not one call was answered, or it broke off; the message says why",
            "2:wrong usage",
            "5:no server was reached"
        },
        footerHeading = "%nExamples:%n")
abstract class LoadCommand implements Callable<Integer> {

    private enum Target {
        TIDEMARK,
        ETCD
    }

    private enum Driver {
        RAW,
        SDK
    }

    private enum Output {
        TABLE,
        JSON
    }

    private static final int FAILED = 1;

    @Option(
            names = {"--endpoints", "--endpoint"},
            paramLabel = "HOST:PORT",
            split = ",",
            defaultValue = "${env:TIDEMARK_ENDPOINTS:-127.0.0.1:7400}",
            description = {
                "Servers' client addresses; the load is spread over them.",
                "Else $TIDEMARK_ENDPOINTS, else the nodes of a cluster that 'tidemark dev' runs in this directory, else 127.0.0.1:7400."
            })
    private List<String> endpoints = List.of();

    @Option(names = "--target", defaultValue = "tidemark", description = "${COMPLETION-CANDIDATES}")
    private Target target = Target.TIDEMARK;

    @Option(
            names = "--driver",
            defaultValue = "raw",
            description =
                    "How Tidemark is called: with as little as can be around each call (raw), or by the SDK, which finds its way itself"
                            + " (sdk). ${COMPLETION-CANDIDATES}")
    private Driver driver = Driver.RAW;

    @Option(
            names = "--batching",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "With the SDK: calls may travel together (default: true).")
    private boolean batching = true;

    @Option(names = "--direct", description = "With the SDK: answers are handled on its own threads.")
    private boolean direct;

    @Option(
            names = "--channels",
            defaultValue = "1",
            description = "gRPC channels to each server; with the SDK, clients.")
    private int channels;

    @Option(names = "--outstanding", defaultValue = "64", description = "Calls under way at once, over all channels.")
    private int outstanding;

    @Option(
            names = "--rate",
            paramLabel = "PER_SECOND",
            description =
                    "Begin calls at this rate, whatever becomes of those before, at most --outstanding at once; latencies "
                            + "then count from when a call was due. Not given: each call is followed by the next.")
    private @Nullable Double rate;

    @Mixin
    private Measured measured = new Measured();

    @Option(
            names = "--timeout",
            defaultValue = "10s",
            description = "The deadline of each call; 0s for none.",
            converter = DurationConverter.class)
    private Duration timeout = Duration.ZERO;

    @Option(names = "--keys", defaultValue = "100000", description = "How many rows there are.")
    private long keys;

    @Option(names = "--key-size", paramLabel = "BYTES", defaultValue = "16")
    private int keySize;

    @Option(names = "--distribution", defaultValue = "uniform", description = "${COMPLETION-CANDIDATES}")
    private Plan.Distribution distribution = Plan.Distribution.UNIFORM;

    @Option(names = "--preload", description = "Write every row once before the load.")
    private boolean preload;

    @Option(names = "--request-ids", description = "Give puts request ids, as the SDK does.")
    private boolean requestIds;

    @Option(
            names = "--server-pids",
            paramLabel = "PID",
            split = ",",
            description = "The servers' processes on this machine, to measure their CPU time.")
    private List<Long> serverPids = List.of();

    @Option(names = "--output", defaultValue = "table", description = "${COMPLETION-CANDIDATES}")
    private Output output = Output.TABLE;

    @Option(names = "--json-file", paramLabel = "FILE", description = "Write the result as JSON here too.")
    private @Nullable Path jsonFile;

    @Option(names = "--quiet", description = "No line each second.")
    private boolean quiet;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /** The share of gets among the calls, from 0 to 1. */
    abstract double readShare();

    /** What gets ask for. */
    abstract ReadAsk ask();

    @Override
    public final Integer call() throws IOException, InterruptedException {
        Plan plan;
        List<Endpoint> servers;
        try {
            plan = new Plan(
                    new Plan.RowShape(keys, keySize, measured.valueSize, distribution),
                    readShare(),
                    outstanding,
                    rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate),
                    measured.warmUp,
                    measured.duration);
            servers = endpoints.stream().map(Endpoint::parse).toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        if (channels < 1) {
            throw new ParameterException(spec.commandLine(), "channels: " + channels + " (expected: at least 1)");
        }
        List<Connection> connections = new ArrayList<>();
        try {
            for (int i = 0; i < channels; i++) {
                connections.addAll(open(servers));
            }
            return run(plan, connections);
        } finally {
            connections.forEach(Connection::close);
        }
    }

    private int run(Plan plan, List<Connection> connections) throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Load load = new Load(connections, serverPids);
        if (preload) {
            err.println("writing " + keys + " rows ...");
            err.flush();
            load.preload(plan.rows());
        }
        Result result = load.run(plan, progress -> {
            if (!quiet) {
                err.println(Report.line(progress));
                err.flush();
            }
        });
        out.println(output == Output.JSON ? Report.json(plan, result) : Report.table(result));
        out.flush();
        if (jsonFile != null) {
            Files.writeString(jsonFile, Report.json(plan, result) + "\n");
        }
        // Not one call was answered: whoever scripts this must not take it for a measurement.
        return result.calls() == 0 ? FAILED : 0;
    }

    private List<Connection> open(List<Endpoint> servers) {
        if (driver == Driver.SDK && target == Target.TIDEMARK) {
            return List.of(SdkConnection.open(
                    servers,
                    new SdkConnection.Options(
                            measured.table, ask().consistency, ask().maxStaleness, batching, direct, timeout)));
        }
        return servers.stream().map(this::open).toList();
    }

    private Connection open(Endpoint server) {
        return switch (target) {
            case TIDEMARK ->
                TidemarkConnection.open(
                        server,
                        new TidemarkConnection.Options(
                                measured.table, ask().consistency, ask().maxStaleness, requestIds, timeout));
            case ETCD -> EtcdConnection.open(server, ask().consistency, timeout);
        };
    }
}
