// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import io.grpc.BindableService;
import java.io.IOException;
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
        Readiness readiness = new Readiness();
        readiness.check("process", () -> Optional.of("starting"));
        DataDirectory dataDirectory = DataDirectory.open(config.dataDir());
        try {
            // Whoever waits for it must not see the ports of an earlier run.
            dataDirectory.deleteFile(PORTS_FILE);
            ClientPort clientPort = ClientPort.open(config, services);
            try {
                HttpPort httpPort = HttpPort.open(config.host(), config.httpPort(), readiness);
                ServerProcess process = new ServerProcess(role, config, dataDirectory, clientPort, httpPort, readiness);
                process.announce();
                return process;
            } catch (RuntimeException | IOException e) {
                clientPort.close();
                throw e;
            }
        } catch (RuntimeException e) {
            closeQuietly(dataDirectory);
            throw e;
        } catch (IOException e) {
            closeQuietly(dataDirectory);
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
        closeQuietly(dataDirectory);
        if (allEnded) {
            log.info("drained role={} id={}", role, config.id());
        } else {
            log.warn("stopped role={} id={}: calls were cut off when stop.grace was over", role, config.id());
        }
    }

    private void announce() throws IOException {
        dataDirectory.writeFile(PORTS_FILE, "client=" + clientPort.port() + "\nhttp=" + httpPort.port() + "\n");
        readiness.check("process", Optional::empty);
        clientPort.serve();
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

    private static void closeQuietly(DataDirectory dataDirectory) {
        try {
            dataDirectory.close();
        } catch (IOException e) {
            // The lock goes with the process in any case.
            log.warn("data directory {} not released: {}", dataDirectory.path(), e.toString());
        }
    }
}
