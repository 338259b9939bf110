// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ServerRole;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "follower-delay",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        sortOptions = false,
        description = "How much later than its acknowledgement a put can be read at the followers, at most.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:it broke off; the message says why", "2:wrong usage", "5:no server was reached"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark bench follower-delay",
            "  tidemark bench follower-delay --endpoints=10.0.0.1:7400,10.0.0.2:7400 --rate=100"
        })
final class FollowerDelayCommand implements Callable<Integer> {

    private static final double NANOS_PER_MILLI = 1e6;

    @Option(
            names = {"--endpoints", "--endpoint"},
            paramLabel = "HOST:PORT",
            split = ",",
            defaultValue = "${env:TIDEMARK_ENDPOINTS:-127.0.0.1:7400}",
            description = {
                "The nodes' client addresses; the one that leads is found out.",
                "Else $TIDEMARK_ENDPOINTS, else the nodes of a cluster that 'tidemark dev' runs in this directory."
            })
    private List<String> endpoints = List.of();

    @Option(
            names = "--rate",
            paramLabel = "PER_SECOND",
            description = "Puts per second. Not given: each follows the answer to the one before.")
    private @Nullable Double rate;

    @Mixin
    private Measured measured = new Measured();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        List<Endpoint> followers = new ArrayList<>();
        List<Endpoint> leaders = new ArrayList<>();
        for (String text : endpoints) {
            Endpoint endpoint = endpoint(text);
            boolean leads = TidemarkConnection.role(endpoint) == ServerRole.SERVER_ROLE_LEADER;
            (leads ? leaders : followers).add(endpoint);
        }
        if (leaders.size() != 1 || followers.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "endpoints: leaders " + leaders + ", followers " + followers
                            + " (expected: one leader, at least one follower)");
        }
        ResponseHeader unused = TidemarkConnection.createTable(leaders.get(0), measured.table);
        FollowerDelay.Outcome outcome = FollowerDelay.measure(new FollowerDelay.Ask(
                leaders.get(0),
                followers,
                measured.table,
                rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate),
                measured.warmUp,
                measured.duration,
                measured.valueSize));
        print(outcome);
        return 0;
    }

    private void print(FollowerDelay.Outcome outcome) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT, "%-32s %10s %10s %10s %10s %10s%n", "", "COUNT", "P50 ms", "P90 ms", "P99 ms", "MAX ms");
        line(out, "put", outcome.putLatencies());
        line(out, "delay at the first follower", outcome.first());
        line(out, "delay at the last follower", outcome.last());
        if (outcome.unseen() > 0) {
            out.printf("puts that did not arrive at all followers: %d%n", outcome.unseen());
        }
        out.flush();
    }

    private static void line(PrintWriter out, String name, Result.Latencies latencies) {
        out.printf(
                Locale.ROOT,
                "%-32s %10d %10.3f %10.3f %10.3f %10.3f%n",
                name,
                latencies.count(),
                latencies.p50() / NANOS_PER_MILLI,
                latencies.p90() / NANOS_PER_MILLI,
                latencies.p99() / NANOS_PER_MILLI,
                latencies.max() / NANOS_PER_MILLI);
    }

    private Endpoint endpoint(String text) {
        try {
            return Endpoint.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
