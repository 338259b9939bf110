// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Runs a whole cluster on this machine until it is interrupted, and gives it failures to see for oneself. */
@Command(
        name = "dev",
        synopsisSubcommandLabel = "[COMMAND]",
        description = {
            "Runs a whole cluster on this machine, on the loopback interface, until Ctrl-C or `dev stop`.",
            "",
            "Three nodes, three replicas and a sidecar, unless told otherwise. Node n1 listens at 7400 (gRPC), 7401 and 7402 (other servers), 7403 (HTTP), n2 at 7410 and so on, r1 at 7500"
                    + " and so on, sidecar s1 at 8080 (rows over HTTP) and 7703 (HTTP); for a port that is taken it gets another one. Data and logs are kept, and the next"
                    + " `dev` in the same directory goes on with them.",
            "",
            "Ctrl-C and SIGTERM stop all servers in order. If this process is killed (kill -9), the servers go on without"
                    + " reaching each other, until `dev stop` ends them.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark dev",
            "  tidemark dev --nodes 1 --replicas 1 --ephemeral",
            "  tidemark dev --detach",
            "  tidemark dev kill leader",
            "  tidemark dev partition n2",
            "  tidemark dev stop"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done; the cluster was stopped",
            "1:something failed, or no cluster runs there; the message says what",
            "2:wrong usage, or an order that makes no sense now; a port or the directory is taken"
        })
public final class DevCommand implements Callable<Integer> {

    static final int FAILED = CommandLine.ExitCode.SOFTWARE;
    static final int WRONG_USAGE = CommandLine.ExitCode.USAGE;

    private static final String NAME = "Server, by its id; or `leader`, or `follower` (a node that follows).";

    @CommandLine.Option(names = "--nodes", defaultValue = "3", description = "Raft nodes, 1 to 9 (default: 3).")
    private int nodes;

    @CommandLine.Option(names = "--replicas", defaultValue = "3", description = "Read replicas, 0 to 20 (default: 3).")
    private int replicas;

    @CommandLine.Option(
            names = "--data-dir",
            defaultValue = "tidemark-dev",
            scope = ScopeType.INHERIT,
            description = "Where the cluster keeps its data and logs (default: ./tidemark-dev).")
    private Path dataDir = Path.of("tidemark-dev");

    @CommandLine.Option(
            names = "--ephemeral",
            description = "Remove that directory at the end. It must be empty or not there at the start.")
    private boolean ephemeral;

    @CommandLine.Option(
            names = "--detach",
            description = "Run in the background: return when the cluster is ready. `dev stop` ends it.")
    private boolean detach;

    @CommandLine.Option(
            names = "--single-process",
            description =
                    "All servers in one process, which takes less than 512 MB beside its files. None of them can then be"
                            + " killed, paused or cut off.")
    private boolean singleProcess;

    @CommandLine.Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        requireBetween("--nodes", nodes, 1, ClusterPlan.NODES_MAX);
        requireBetween("--replicas", replicas, 0, ClusterPlan.REPLICAS_MAX);
        DevOptions options = new DevOptions(
                nodes,
                replicas,
                dataDir.toAbsolutePath().normalize(),
                ephemeral,
                singleProcess,
                knows(ServerPlan.SIDECAR));
        JavaCommand java = JavaCommand.here(spec.root().userObject().getClass().getName());
        return detach ? runInBackground(options, java) : run(options, java);
    }

    private int runInBackground(DevOptions options, JavaCommand java) throws IOException, InterruptedException {
        Detached.Start start = Detached.start(options, java, this::tell);
        if (start.cluster().isPresent()) {
            welcome(start.cluster().get(), options, "`" + command() + " dev stop" + where(options) + "` stops them.");
        } else {
            start.rest().forEach(err()::println);
            tell("the cluster did not start");
        }
        return start.exitCode();
    }

    private void tell(String line) {
        err().println(Supervisor.Console.PREFIX + line);
        err().flush();
    }

    private int run(DevOptions options, JavaCommand java) throws IOException, InterruptedException {
        PrintWriter out = out();
        PrintWriter err = err();
        Supervisor supervisor = Supervisor.open(options, java, this::tell);
        if (options.singleProcess()) {
            // The terminal is for whoever runs the cluster, and what servers log for who looks for it.
            System.setErr(new PrintStream(
                    new FileOutputStream(
                            options.directory().resolve(InProcessCluster.LOG).toFile(), true),
                    true,
                    StandardCharsets.UTF_8));
        }
        AtomicInteger exitCode = new AtomicInteger();
        AtomicBoolean stopping = new AtomicBoolean();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            stopping.set(true);
                            close(supervisor, exitCode, err);
                        },
                        "stop"));
        try {
            ClusterFile.Content cluster = supervisor.start();
            welcome(cluster, options, "Ctrl-C stops them.");
            supervisor.awaitStopOrder();
            out.println("stopping");
            out.flush();
            return 0;
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (stopping.get()) {
                return 0;
            }
            exitCode.set(FAILED);
            throw e;
        }
    }

    private static void close(Supervisor supervisor, AtomicInteger exitCode, PrintWriter err) {
        try {
            supervisor.close();
            // A signal's own exit code (128 + its number) would make an orderly stop look like a failure.
            Runtime.getRuntime().halt(exitCode.get());
        } catch (IOException | RuntimeException e) {
            err.println("tidemark: not stopped cleanly: " + e);
            err.flush();
            Runtime.getRuntime().halt(FAILED);
        }
    }

    private void welcome(ClusterFile.Content cluster, DevOptions options, String howToStop) {
        PrintWriter out = out();
        out.print(ClusterTable.of(cluster.servers()));
        out.println();
        out.println("Try:");
        FirstSteps.of(cluster, command(), options.directory()).forEach(step -> out.println("  " + step));
        out.println();
        out.printf("%d servers ready. %s%n", cluster.servers().size(), howToStop);
        out.flush();
    }

    @Command(
            description = "Shows the servers, whether they run, and which node leads.",
            footerHeading = "%nExamples:%n",
            footer = {"  tidemark dev status"})
    int status() throws InterruptedException {
        return give(Order.Verb.STATUS, "");
    }

    @Command(
            description = "Stops the cluster, also one whose supervisor was killed.",
            footerHeading = "%nExamples:%n",
            footer = {"  tidemark dev stop", "  tidemark dev stop --data-dir=/tmp/try"})
    int stop() throws InterruptedException {
        return give(Order.Verb.STOP, "");
    }

    @Command(
            description =
                    "Kills a server (SIGKILL): it loses what it had not made durable. `dev start` brings it back.",
            footerHeading = "%nExamples:%n",
            footer = {"  tidemark dev kill leader", "  tidemark dev kill r1"})
    int kill(@Parameters(paramLabel = "NAME", description = NAME) String name) throws InterruptedException {
        return give(Order.Verb.KILL, name);
    }

    @Command(
            description = "Starts a server that has ended, on its data and ports.",
            footerHeading = "%nExamples:%n",
            footer = {"  tidemark dev start n1"})
    int start(@Parameters(paramLabel = "NAME", description = "Server, by its id.") String name)
            throws InterruptedException {
        return give(Order.Verb.START, name);
    }

    @Command(
            description =
                    "Makes a server stand still (SIGSTOP). Its connections stay open, and nothing comes back over them.",
            footerHeading = "%nExamples:%n",
            footer = {"  tidemark dev pause follower"})
    int pause(@Parameters(paramLabel = "NAME", description = NAME) String name) throws InterruptedException {
        return give(Order.Verb.PAUSE, name);
    }

    @Command(
            description = "Lets a server that was paused go on (SIGCONT).",
            footerHeading = "%nExamples:%n",
            footer = {"  tidemark dev resume n2"})
    int resume(@Parameters(paramLabel = "NAME", description = "Server, by its id.") String name)
            throws InterruptedException {
        return give(Order.Verb.RESUME, name);
    }

    @Command(
            description = {
                "Cuts a server off from all other servers, in both directions: Raft, feeds, probes, forwarded calls."
                        + " Connections stay open and new ones are accepted, but no byte arrives, as in a network that drops"
                        + " everything; what was sent arrives after `dev heal`.",
                "",
                "Clients still reach every server, by gRPC and HTTP. On Linux only: elsewhere the loopback interface has too"
                        + " few addresses."
            },
            footerHeading = "%nExamples:%n",
            footer = {"  tidemark dev partition leader", "  tidemark dev partition r1"})
    int partition(@Parameters(paramLabel = "NAME", description = NAME) String name) throws InterruptedException {
        return give(Order.Verb.PARTITION, name);
    }

    @Command(
            description = "Lets a server that was cut off reach the others again.",
            footerHeading = "%nExamples:%n",
            footer = {"  tidemark dev heal n1"})
    int heal(@Parameters(paramLabel = "NAME", description = "Server, by its id.") String name)
            throws InterruptedException {
        return give(Order.Verb.HEAL, name);
    }

    private int give(Order.Verb verb, String name) throws InterruptedException {
        Order.Outcome outcome;
        try {
            outcome = new Orders(dataDir.toAbsolutePath().normalize()).give(new Order(verb, name));
        } catch (IOException e) {
            outcome = new Order.Outcome(FAILED, "the cluster in " + dataDir + " does not answer: " + e.getMessage());
        }
        PrintWriter where = outcome.exitCode() == 0 ? out() : err();
        where.println((outcome.exitCode() == 0 ? "" : "tidemark: ") + outcome.text());
        where.flush();
        return outcome.exitCode();
    }

    private void requireBetween(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ParameterException(
                    spec.commandLine(), option + ": " + value + " (expected: " + min + " to " + max + ")");
        }
    }

    private boolean knows(String command) {
        return spec.root().subcommands().containsKey(command);
    }

    private static String where(DevOptions options) {
        return options.directory().equals(Path.of("tidemark-dev").toAbsolutePath())
                ? ""
                : " --data-dir=" + options.directory();
    }

    /** As the user called it. */
    private static String command() {
        return System.getProperty("tidemark.command", "tidemark");
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
