// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import io.tidemark.client.TidemarkClient;
import io.tidemark.server.process.DirectoryTree;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Uses what servers and commands use, and ends, so that Java can keep the classes of it: {@code deploy/tidemark} asks it to, and for
 * what it kept at every start.
 */
@Command(
        name = "share-classes",
        description = {
            "Keeps the classes of all servers and commands in the form that Java has them in memory, so that what is started from then on starts sooner: servers in about two thirds of the time.",
            "A source tree does so when it is built. Run it once where an archive was unpacked, as who may write there. It runs a small cluster for some seconds, in a temporary directory."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  tidemark share-classes"})
public final class ShareClassesCommand implements Callable<Integer> {

    private static final int TIMEOUT_MILLIS = 10_000;
    private static final String ROW = "/v1/tables/t/rows/k";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("tidemark-classes");
        try {
            useAll(directory);
        } finally {
            DirectoryTree.remove(directory);
        }
        return CommandLine.ExitCode.OK;
    }

    private void useAll(Path directory) throws IOException, InterruptedException {
        // On no usual port: somebody may be about to start there.
        ClusterPlan plan = ClusterPlan.in(directory, 1, 1, true, usual -> false);
        PrintWriter out = spec.commandLine().getOut();
        try (InProcessCluster cluster = new InProcessCluster(plan, directory, new ClusterListener() {
            @Override
            public void changed() {}

            @Override
            public void tell(String line) {
                out.println(line);
            }
        })) {
            cluster.start();
            for (ServerPlan server : plan.servers()) {
                if (server.isSidecar()) {
                    useHttp(ServerPlan.HOST + ":" + server.ports().rest());
                } else {
                    use(server.clientAddress());
                }
            }
        }
        out.println("classes of all servers and commands were used");
        out.flush();
    }

    private static void use(String endpoint) {
        try (TidemarkClient client = TidemarkClient.connect(endpoint)) {
            var unused = client.table("t").put("k", "v");
            if (client.table("t").get("k").value().isEmpty()) {
                throw new IllegalStateException(endpoint + ": what was written is not there");
            }
        }
    }

    private static void useHttp(String address) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://" + address + ROW).toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new IOException(address + ROW + ": " + connection.getResponseMessage());
        }
        connection.disconnect();
    }
}
