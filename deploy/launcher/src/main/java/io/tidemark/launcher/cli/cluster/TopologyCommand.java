// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.grpc.StatusRuntimeException;
import io.tidemark.launcher.cli.DurationConverter;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Output;
import io.tidemark.launcher.cli.OutputFormat;
import io.tidemark.launcher.cli.ServerConnection;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "topology",
        description = {
            "Shows who is in the cluster and who serves what.",
            "As one of its servers knows it: how far each has applied, how many commits it is behind the furthest node (LAG), how stale it said it was, and of a replica how many shards it serves of those that it should. HEARD says how long ago that was so."
        },
        footer = {
            "  tidemark topology",
            "  tidemark topology --watch",
            "  tidemark topology --output=json | jq -r '.nodes[] | select(.role == \"leader\").id'"
        })
public final class TopologyCommand extends ViewCommand {

    private static final String HOME_AND_CLEAR = "\u001b[H\u001b[2J";

    @Option(
            names = {"-w", "--watch"},
            order = 1,
            description = "Show it again and again, until interrupted (Ctrl-C).")
    private boolean watch;

    @Option(
            names = "--interval",
            paramLabel = "DURATION",
            order = 2,
            defaultValue = "1s",
            converter = DurationConverter.class,
            description = "How often, with --watch (default: ${DEFAULT-VALUE}).")
    private Duration interval = Duration.ofSeconds(1);

    @Override
    protected int run() throws IOException, InterruptedException {
        if (!watch) {
            try (ServerConnection connection = connect()) {
                TopologyForm form = new TopologyForm(connection.topology(), connection.address());
                output().document(form.fields(), form::text);
            }
            return ExitCode.DONE;
        }
        while (true) {
            show();
            TimeUnit.NANOSECONDS.sleep(interval.toNanos());
        }
    }

    /** By whichever server answers this time: the one asked before may be what the user wants to see gone. */
    private void show() throws IOException {
        Output output = output();
        boolean redraws = streams().outIsTerminal() && output.format() == OutputFormat.TABLE;
        try (ServerConnection connection = connect()) {
            TopologyForm form = new TopologyForm(connection.topology(), connection.address());
            String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
            output.item(form.fields(), () -> (redraws ? HOME_AND_CLEAR : "") + now + "\n" + form.text() + "\n");
        } catch (StatusRuntimeException e) {
            tell("no server answers: " + e.getStatus().getCode() + " (" + whomAsked() + ")");
        }
        output.flush();
    }

    private String whomAsked() {
        return "asked: " + endpoints().joined();
    }
}
