// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import io.tidemark.launcher.role.Role;
import io.tidemark.rest.config.SidecarConfig;
import io.tidemark.rest.server.Sidecar;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.process.RunningServer;
import io.tidemark.server.process.StartException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * All servers in this process, for machines with little memory. They are what they are elsewhere, but none of them can fail alone. Its
 * monitor guards which there are.
 */
final class InProcessCluster implements Servers {

    /** Where all of them write, since one process has one log. */
    static final String LOG = "servers.log";

    /** All of them share one small heap, which what one server alone may keep in memory would fill. */
    private static final List<String> FRUGAL = List.of("--checkpoint.bytes=2MiB", "--feed.recent-bytes=2MiB");

    private static final List<String> FRUGAL_NODE =
            List.of("--raft.segment-bytes=1MiB", "--write.max-queued-bytes=8MiB");

    private static final Duration READY_TIMEOUT = Duration.ofMinutes(2);

    private final ClusterPlan plan;
    private final Path directory;
    private final ClusterListener listener;
    private final Map<ServerPlan, Running> running = new LinkedHashMap<>();
    private boolean stopping;

    /** A server of whatever role. */
    private interface Running {
        boolean hasFailed();

        void close();
    }

    InProcessCluster(ClusterPlan plan, Path directory, ClusterListener listener) {
        this.plan = plan;
        this.directory = directory;
        this.listener = listener;
    }

    @Override
    public void start() throws InterruptedException {
        for (ServerPlan server : plan.servers()) {
            start(server);
        }
        listener.changed();
        Starting.await(
                plan.servers(), this::isReady, READY_TIMEOUT, server -> ReadyCheck.url(server) + " says why", listener);
    }

    private synchronized void start(ServerPlan server) {
        if (stopping) {
            throw new StartException("not starting " + server.id() + ": the cluster is being stopped");
        }
        // They stop one after the other.
        List<String> flags = new ArrayList<>(server.flags(directory));
        flags.add("--stop.grace=1s");
        running.put(server, server.isSidecar() ? startSidecar(flags) : startMember(server, flags));
    }

    private static Running startSidecar(List<String> flags) {
        Sidecar sidecar = Sidecar.start(SidecarConfig.from(
                io.tidemark.rest.config.Configuration.load(SidecarConfig.OPTIONS, null, System.getenv(), flags)));
        return new Running() {
            @Override
            public boolean hasFailed() {
                return false;
            }

            @Override
            public void close() {
                sidecar.close();
            }
        };
    }

    private Running startMember(ServerPlan server, List<String> flags) {
        Role role = Role.ALL.stream()
                .filter(known -> known.name().equals(server.role()))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("role: " + server.role() + " (expected: one that runs here)"));
        flags.addAll(FRUGAL);
        flags.addAll(server.isNode() ? FRUGAL_NODE : List.of());
        RunningServer started =
                role.start(Configuration.load(role.options(), Optional.empty(), System.getenv(), flags));
        CompletableFuture<Void> unused = started.failure().whenComplete((none, failure) -> {
            if (failure != null) {
                listener.tell(server.id() + " has failed: " + failure.getMessage());
            }
        });
        return new Running() {
            @Override
            public boolean hasFailed() {
                return started.failure().isCompletedExceptionally();
            }

            @Override
            public void close() {
                started.close();
            }
        };
    }

    private synchronized boolean isReady(ServerPlan server) {
        Running started = running.get(server);
        if (stopping || started == null || started.hasFailed()) {
            throw new StartException(server.id() + " has failed before it was ready");
        }
        return ReadyCheck.isReady(server);
    }

    @Override
    public synchronized List<ServerState> states() {
        ProcessIdentity self = ProcessIdentity.of(ProcessHandle.current());
        return running.keySet().stream()
                .map(server -> new ServerState(server, ServerState.Condition.RUNNING, false, self))
                .toList();
    }

    @Override
    public String carryOut(Order order) {
        throw new OrderException(
                "all servers of this cluster are one process, and none can fail alone (expected: `tidemark"
                        + " dev` without --single-process)");
    }

    @Override
    public synchronized void close() {
        stopping = true;
        List<Running> nodesLast = new ArrayList<>(running.values());
        Collections.reverse(nodesLast);
        nodesLast.forEach(Running::close);
        running.clear();
    }
}
