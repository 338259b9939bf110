// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import io.grpc.BindableService;
import io.grpc.ClientInterceptor;
import io.grpc.ServerInterceptor;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.tidemark.server.metrics.ServerMetrics;
import io.tidemark.server.time.SystemTimers;
import io.tidemark.server.time.Timers;
import io.tidemark.server.tracing.CallTracing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server of any role.
 *
 * <p>It starts in the order in which things can be trusted: its directory, the HTTP port (alive, not ready), then what the role
 * opens. From then on readiness is looked at several times a second: gRPC health says what it says, and when it is ready for
 * the first time, the file {@code ports} is written.
 *
 * <p>It stops in this order: health says NOT_SERVING and the file {@code ports} goes; streams are told to end; the client
 * port takes no new calls, and those under way may end, at most for {@code stop.grace}; then the same for the internal port,
 * which until then answers what they need; the role closes, the newest part first; the ports close, the HTTP port last, and
 * the directory is given back.
 *
 * <p>Whoever starts it owns it and closes it once; all else is for any thread.
 */
public final class ServerProcess implements RunningServer {

    /** In the data directory from the first time that it is ready until it stops: which ports it has, as properties. */
    public static final String PORTS_FILE = "ports";

    private static final Logger log = LoggerFactory.getLogger(ServerProcess.class);

    private static final Duration LOOK_UNTIL_READY = Duration.ofMillis(10);
    private static final Duration LOOK = Duration.ofMillis(100);

    private final String role;
    private final ServerConfig config;
    private final Readiness readiness = new Readiness();
    private final SystemTimers timers = new SystemTimers("timers");
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    private final DataDirectory dataDirectory;
    private final ServerMetrics metrics;
    private final HttpPort httpPort;
    private final Optional<CallTracing> tracing;

    /** In the order of their opening, the client port in the end. Changed while the role opens only. */
    private final Map<String, GrpcPort> grpcPorts = new LinkedHashMap<>();

    private final Map<String, Integer> announced = new TreeMap<>();
    private final List<Runnable> drains = new ArrayList<>();
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    /** Of the timers' thread, after the first look. */
    private boolean wasReady;

    private boolean wasServing;

    private ServerProcess(String role, ServerConfig config, DataDirectory dataDirectory, ServerMetrics metrics) {
        this.role = role;
        this.config = config;
        this.dataDirectory = dataDirectory;
        this.metrics = metrics;
        this.tracing = config.tracing() ? Optional.of(new CallTracing(GlobalOpenTelemetry.get())) : Optional.empty();
        this.readiness.check("process", () -> Optional.of("starting"));
        this.httpPort = HttpPort.open(config.host(), config.httpPort(), readiness, metrics);
    }

    /**
     * Starts a server. When this returns its ports are open; it may not be ready yet.
     *
     * @throws StartException if it cannot start for a reason that its operator can mend; nothing is left open then
     */
    public static ServerProcess start(String role, ServerConfig config, ServerRole what) {
        if (new InetSocketAddress(config.host(), 0).isUnresolved()) {
            throw new StartException("host " + config.host() + " has no address (expected: one of this machine's)");
        }
        DataDirectory directory = DataDirectory.open(config.dataDir());
        ServerMetrics metrics = new ServerMetrics(role, config.id(), version());
        ServerProcess process;
        try {
            // Whoever waits for it must not see the ports of an earlier run.
            directory.deleteFile(PORTS_FILE);
            process = new ServerProcess(role, config, directory, metrics);
        } catch (IOException e) {
            closeQuietly(metrics);
            closeQuietly(directory);
            throw new StartException("data directory " + config.dataDir() + " cannot be written: " + e, e);
        } catch (RuntimeException e) {
            closeQuietly(metrics);
            closeQuietly(directory);
            throw e;
        }
        try {
            what.open(process.new OpeningNow());
            process.readiness.check("process", Optional::empty);
            process.look();
            return process;
        } catch (RuntimeException e) {
            process.closed.set(true);
            process.closeParts();
            throw e;
        }
    }

    public Readiness readiness() {
        return readiness;
    }

    @Override
    public CompletableFuture<Void> failure() {
        return failure;
    }

    /** Drains and closes; further calls do nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        log.info(
                "draining role={} id={} grace={}ms",
                role,
                config.id(),
                config.stopGrace().toMillis());
        readiness.check("process", () -> Optional.of("stopping"));
        closeQuietly(() -> dataDirectory.deleteFile(PORTS_FILE));
        // Nobody is to be sent here any more, whatever is waited for first.
        grpcPorts.values().forEach(port -> port.report(false));
        drains.forEach(action -> closeQuietly(action::run));
        boolean allEnded = drain();
        closeParts();
        if (allEnded) {
            log.info("drained role={} id={}", role, config.id());
        } else {
            log.warn("stopped role={} id={}: calls were cut off when stop.grace was over", role, config.id());
        }
    }

    /** The client port before the internal one; both within one time. */
    private boolean drain() {
        long deadline = System.nanoTime() + config.stopGrace().toNanos();
        boolean allEnded = true;
        List<GrpcPort> newestFirst = new ArrayList<>(grpcPorts.values());
        Collections.reverse(newestFirst);
        for (GrpcPort port : newestFirst) {
            port.shutdown();
            allEnded &= port.awaitCalls(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
        return allEnded;
    }

    private void closeParts() {
        parts.forEach(ServerProcess::closeQuietly);
        grpcPorts.values().forEach(ServerProcess::closeQuietly);
        timers.close();
        httpPort.close();
        closeQuietly(metrics);
        closeQuietly(() -> dataDirectory.deleteFile(PORTS_FILE));
        closeQuietly(dataDirectory);
    }

    /** Makes health say what readiness says, and goes on looking. */
    private void look() {
        boolean ready = readiness.reasonsWhyNot().isEmpty();
        if (closed.get()) {
            return;
        }
        if (ready != wasServing) {
            wasServing = ready;
            grpcPorts.values().forEach(port -> port.report(ready));
            if (wasReady) {
                log.info(
                        "{} role={} id={} {}",
                        ready ? "ready again" : "not ready",
                        role,
                        config.id(),
                        readiness.reasonsWhyNot());
            }
        }
        if (ready && !wasReady) {
            wasReady = true;
            announce();
        }
        Timers.Pending unused = timers.after(wasReady ? LOOK : LOOK_UNTIL_READY, this::look);
    }

    private void announce() {
        announced.put("http", httpPort.port());
        log.info(
                "ready role={} id={} {} pid={}",
                role,
                config.id(),
                announced.entrySet().stream()
                        .map(port -> port.getKey() + "=" + config.host() + ":" + port.getValue())
                        .collect(Collectors.joining(" ")),
                ProcessHandle.current().pid());
        try {
            // Last, because its being there is what others wait for.
            dataDirectory.writeFile(
                    PORTS_FILE,
                    announced.entrySet().stream()
                            .map(port -> port.getKey() + "=" + port.getValue() + "\n")
                            .collect(Collectors.joining()));
        } catch (IOException e) {
            // As on a full disk, on which reads go on.
            log.error("which ports there are cannot be written to {}", config.dataDir(), e);
        }
    }

    /** The version that this process was built as. */
    public static String version() {
        String version = ServerProcess.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            // Nothing is lost by it: what the process holds goes with the process.
            log.warn("not closed: {}", e.toString());
        }
    }

    /** This process while its role opens. */
    private final class OpeningNow implements Opening {

        @Override
        public ServerConfig config() {
            return config;
        }

        @Override
        public Path directory() {
            return dataDirectory.path();
        }

        @Override
        public Readiness readiness() {
            return readiness;
        }

        @Override
        public MeterRegistry metrics() {
            return metrics.registry();
        }

        @Override
        public Timers timers() {
            return timers;
        }

        @Override
        public List<ClientInterceptor> clientInterceptors() {
            return tracing.map(CallTracing::client).stream().toList();
        }

        @Override
        public void tellStaleness(Supplier<Optional<Duration>> staleness) {
            httpPort.tellStaleness(staleness);
        }

        @Override
        public int openInternalPort(List<? extends BindableService> services) {
            return open(config.internal(), services);
        }

        @Override
        public int openClientPort(List<? extends BindableService> services) {
            return open(config.client(), services);
        }

        @Override
        public void announcePort(String name, int port) {
            announced.put(name, port);
        }

        @Override
        public void onDrain(Runnable action) {
            drains.add(action);
        }

        @Override
        public void onClose(AutoCloseable resource) {
            parts.push(resource);
        }

        @Override
        public void fail(StartException reason) {
            failure.completeExceptionally(reason);
        }

        private int open(PortConfig portConfig, List<? extends BindableService> services) {
            List<ServerInterceptor> outer =
                    tracing.map(CallTracing::server).stream().toList();
            GrpcPort port = GrpcPort.open(config.host(), portConfig, services, outer, metrics.registry());
            grpcPorts.put(portConfig.name(), port);
            announced.put(portConfig.name(), port.port());
            return port.port();
        }
    }
}
