// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import io.tidemark.client.TidemarkClient;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that asks a running cluster. */
public abstract class ClusterCommand extends CliCommand {

    @Option(
            names = {"--endpoints", "--endpoint"},
            paramLabel = "HOST:PORT[,...]",
            order = 90,
            description = {
                "Client addresses of some servers; the others are learned from them.",
                "Else $TIDEMARK_ENDPOINTS, else a cluster that 'tidemark dev' runs in this directory, else 127.0.0.1:7400."
            })
    private @Nullable String given;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            order = 91,
            converter = DurationConverter.class,
            description =
                    "How long each call may take, with all that is tried meanwhile (default: 5s, of an import 60s).")
    private @Nullable Duration timeout;

    private @Nullable Endpoints chosen;

    /** Whom to ask. */
    protected final Endpoints endpoints() {
        Endpoints known = chosen;
        if (known != null) {
            return known;
        }
        try {
            Endpoints found = Endpoints.choose(given, System.getenv(), Path.of(""));
            chosen = found;
            return found;
        } catch (IllegalArgumentException e) {
            throw wrongUsage(String.valueOf(e.getMessage()));
        }
    }

    protected final Duration timeout() {
        return timeout == null ? usualTimeout() : timeout;
    }

    /** What is meant when nothing is said. */
    protected Duration usualTimeout() {
        return Duration.ofSeconds(5);
    }

    /** A client of the cluster, for the caller to close. */
    protected final TidemarkClient openClient() {
        return TidemarkClient.builder()
                .endpoints(endpoints().joined())
                .deadline(timeout())
                .build();
    }

    /** A server of the cluster that answers, for the caller to close: for what the SDK does not offer. */
    protected final ServerConnection connect() {
        return ServerConnection.open(endpoints().addresses(), timeout());
    }

    @Override
    protected final String whenUnreachable() {
        return "asked: " + endpoints().joined() + " (" + endpoints().source() + "); --endpoints or "
                + Endpoints.VARIABLE + " name others";
    }
}
