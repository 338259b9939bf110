// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.grpc.BindableService;
import io.grpc.InsecureChannelCredentials;
import io.tidemark.node.birth.Birth;
import io.tidemark.node.birth.BirthOptions;
import io.tidemark.node.birth.Born;
import io.tidemark.node.birth.GrpcBirthTransport;
import io.tidemark.node.consensus.Consensus;
import io.tidemark.node.consensus.ConsensusOptions;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.StartMode;
import io.tidemark.proto.v1.BirthPlan;
import io.tidemark.server.process.Opening;
import io.tidemark.server.process.RunningServer;
import io.tidemark.server.process.ServerProcess;
import io.tidemark.server.process.StartException;
import io.tidemark.store.state.StoreBirth;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** A raft node: wiring and lifecycle only. Whoever starts it closes it. */
public final class Node implements RunningServer {

    private final ServerProcess process;

    private Node(ServerProcess process) {
        this.process = process;
    }

    /**
     * Starts a node.
     *
     * @throws StartException if it cannot start; the message says why
     */
    public static Node start(NodeConfig config) {
        return start(config, parts -> {});
    }

    /** @param built given what the node is made of, before any of it runs */
    static Node start(NodeConfig config, Consumer<NodeParts> built) {
        return new Node(ServerProcess.start("node", config.server(), opening -> open(opening, config, built)));
    }

    @Override
    public CompletableFuture<Void> failure() {
        return process.failure();
    }

    @Override
    public void close() {
        process.close();
    }

    private static void open(Opening opening, NodeConfig config, Consumer<NodeParts> built) {
        ExecutorService starting = Executors.newSingleThreadExecutor(task -> new Thread(task, "node-start"));
        opening.onClose(starting::shutdownNow);
        // Closed after all that reads its store.
        StartedConsensus consensus = new StartedConsensus();
        opening.onClose(consensus);
        NodeParts parts = new NodeParts(opening, config);
        built.accept(parts);
        Birth birth = Birth.open(
                new BirthOptions(opening.directory(), config.server().id(), config.plan(), config.joins()),
                new GrpcBirthTransport(InsecureChannelCredentials.create()),
                opening.timers(),
                () -> UUID.randomUUID().toString(),
                starting);
        opening.onClose(birth);
        birth.tellMembersFrom(parts::memberIds);
        List<BindableService> internal = new ArrayList<>(parts.internalServices());
        // Before the first start, which other nodes take part in.
        internal.add(birth.service());
        int internalPort = opening.openInternalPort(internal);
        int clientPort = opening.openClientPort(parts.clientServices());
        if (config.raft().port() == 0) {
            parts.listens(new OwnPorts(clientPort, internalPort));
        }
        opening.announcePort("raft", config.raft().port());
        CompletableFuture<Born> born = birth.begin(() -> Consensus.wasStarted(opening.directory()));
        opening.readiness()
                .check(
                        "birth",
                        () -> born.isDone() ? Optional.empty() : Optional.of("waits for " + birth.waitingFor()));
        CompletableFuture<Void> unused = born.thenAcceptAsync(
                        known -> {
                            consensus.begin(() -> start(opening.directory(), config, parts, known));
                            birth.markStarted();
                        },
                        starting)
                .exceptionally(failure -> {
                    opening.fail(asStartException(failure));
                    return null;
                });
    }

    private static Consensus start(Path directory, NodeConfig config, NodeParts parts, Born born) {
        parts.belongTo(born.clusterId());
        ConsensusOptions options = new ConsensusOptions(
                directory,
                born.clusterId(),
                config.self(),
                config.store(),
                config.raft().electionMin(),
                config.raft().electionMax(),
                config.raft().checkpointEntries(),
                config.raft().checkpointBytes(),
                config.raft().keptEntries(),
                config.raft().segmentBytes());
        Consensus consensus = Consensus.start(options, mode(born), parts);
        parts.started(consensus);
        return consensus;
    }

    private static StartMode mode(Born born) {
        return switch (born.start()) {
            case BOOTSTRAP -> {
                BirthPlan plan = born.cluster().getPlan();
                List<Member> members = plan.getMembersList().stream()
                        .map(first -> new Member(
                                first.getNodeId(),
                                first.getRaftAddress(),
                                first.getInternalAddress(),
                                first.getClientAddress()))
                        .toList();
                yield new StartMode.Bootstrap(
                        members, StoreBirth.ofNewHistory(born.firstHistory(), plan.getSettings()));
            }
            case JOIN -> new StartMode.Join();
            case RESTART -> new StartMode.Restart();
        };
    }

    private static StartException asStartException(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof StartException known
                ? known
                : new StartException("the node cannot start: " + cause, cause);
    }
}
