// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import io.grpc.BindableService;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server of any role. Starts in the order in which things can be trusted (its directory, its ports, then being
 * ready) and stops in reverse: not ready, drained, closed.
 *
 * <p>Whoever starts it owns it and closes it once; {@link #readiness} may be used from any thread.
 */
public final class ServerProcess implements AutoCloseable {

    /** In the data directory while the process runs: which ports it has, as properties. */
    public static final String PORTS_FILE = "ports";

    private static final Logger log = LoggerFactory.getLogger(ServerProcess.class);

    private final String role;
    private final ServerConfig config;
    private final DataDirectory dataDirectory;
    private final ClientPort clientPort;
    private final HttpPort httpPort;
    private final Readiness readiness;
    private final AtomicBoolean closed = new AtomicBoolean();

    private ServerProcess(
            String role,
            ServerConfig config,
            DataDirectory dataDirectory,
            ClientPort clientPort,
            HttpPort httpPort,
            Readiness readiness) {
        this.role = role;
        this.config = config;
        this.dataDirectory = dataDirectory;
        this.clientPort = clientPort;
        this.httpPort = httpPort;
        this.readiness = readiness;
    }

    /**
     * Starts a server and says so in one log line.
     *
     * @throws StartException if a port or the data directory is not to be had; nothing is left open then
     */
    public static ServerProcess start(String role, ServerConfig config, List<BindableService> services) {
        if (new InetSocketAddress(config.host(), 0).isUnresolved()) {
            throw new StartException("host " + config.host() + " has no address (expected: one of this machine's)");
        }
        Readiness readiness = new Readiness();
        readiness.check("process", () -> Optional.of("starting"));
        // Closed again, newest first, unless all of it succeeds.
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            DataDirectory dataDirectory = DataDirectory.open(config.dataDir());
            opened.push(dataDirectory);
            // Whoever waits for it must not see the ports of an earlier run.
            dataDirectory.deleteFile(PORTS_FILE);
            ClientPort clientPort = ClientPort.open(config, services);
            opened.push(clientPort);
            HttpPort httpPort = HttpPort.open(config.host(), config.httpPort(), readiness);
            opened.push(httpPort);
            ServerProcess process = new ServerProcess(role, config, dataDirectory, clientPort, httpPort, readiness);
            process.announce();
            return process;
        } catch (RuntimeException e) {
            opened.forEach(ServerProcess::closeQuietly);
            throw e;
        } catch (IOException e) {
            opened.forEach(ServerProcess::closeQuietly);
            throw new StartException("data directory " + config.dataDir() + " cannot be written: " + e, e);
        }
    }

    public Readiness readiness() {
        return readiness;
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
        boolean allEnded = clientPort.drain(config.stopGrace());
        clientPort.close();
        httpPort.close();
        closeQuietly(() -> dataDirectory.deleteFile(PORTS_FILE));
        closeQuietly(dataDirectory);
        if (allEnded) {
            log.info("drained role={} id={}", role, config.id());
        } else {
            log.warn("stopped role={} id={}: calls were cut off when stop.grace was over", role, config.id());
        }
    }

    private void announce() throws IOException {
        readiness.check("process", Optional::empty);
        clientPort.serve();
        // Last, because its being there is what others wait for.
        dataDirectory.writeFile(PORTS_FILE, "client=" + clientPort.port() + "\nhttp=" + httpPort.port() + "\n");
        log.info(
                "ready role={} id={} client={}:{} http={}:{} pid={}",
                role,
                config.id(),
                config.host(),
                clientPort.port(),
                config.host(),
                httpPort.port(),
                ProcessHandle.current().pid());
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            // Nothing is lost by it: what the process holds goes with the process.
            log.warn("not closed: {}", e.toString());
        }
    }
}
