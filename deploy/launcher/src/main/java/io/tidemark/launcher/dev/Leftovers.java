// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Servers that run without the supervisor that started them. A process that merely has the id of one is left alone. */
record Leftovers(Map<String, ProcessHandle> servers) {

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

    static Leftovers of(ClusterFile.Content cluster) {
        Map<String, ProcessHandle> found = new LinkedHashMap<>();
        for (ClusterFile.Server server : cluster.servers()) {
            server.identity().find().ifPresent(process -> found.put(server.id(), process));
        }
        return new Leftovers(found);
    }

    List<String> ids() {
        return List.copyOf(servers.keySet());
    }

    /** Ends them: in order, and by force after a time. */
    void stop() throws IOException, InterruptedException {
        List<ProcessHandle> told = new ArrayList<>(servers.values());
        for (ProcessHandle process : told) {
            // It may stand still.
            Signals.resume(process);
            boolean unused = process.destroy();
        }
        for (ProcessHandle process : told) {
            if (!awaitEnd(process, STOP_TIMEOUT)) {
                boolean unused = process.destroyForcibly();
                if (!awaitEnd(process, STOP_TIMEOUT)) {
                    throw new IOException("process " + process.pid() + " does not end");
                }
            }
        }
    }

    /** Whether it has ended within the time. */
    static boolean awaitEnd(ProcessHandle process, Duration timeout) throws InterruptedException {
        try {
            ProcessHandle unused = process.onExit().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for process " + process.pid() + " failed", e);
        }
    }
}
