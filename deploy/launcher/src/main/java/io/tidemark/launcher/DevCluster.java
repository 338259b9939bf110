// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The servers of a development cluster. Starting and stopping exclude each other, so that a server whose start a stop
 * overtakes is not left behind. Thread-safe.
 */
final class DevCluster {

    private final Path directory;
    private final List<DevServer> servers = new ArrayList<>();
    private boolean stopping;

    DevCluster(Path directory) {
        this.directory = directory;
    }

    synchronized void start(String role, String id, List<String> flags) throws IOException {
        if (stopping) {
            throw new StartException("not starting " + id + ": the cluster is being stopped");
        }
        servers.add(DevServer.start(role, id, directory, flags));
    }

    synchronized List<DevServer> servers() {
        return List.copyOf(servers);
    }

    synchronized boolean isStopping() {
        return stopping;
    }

    /** Stops all, and lets none start any more. */
    synchronized void stop() {
        stopping = true;
        // All are told before any is waited for.
        servers.forEach(DevServer::tellToStop);
        servers.forEach(DevServer::awaitStop);
    }
}
