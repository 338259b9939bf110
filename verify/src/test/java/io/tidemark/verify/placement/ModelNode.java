// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.placement;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.tidemark.node.cluster.ClusterFacts;
import io.tidemark.node.cluster.Group;
import io.tidemark.node.cluster.Inquiries;
import io.tidemark.node.cluster.TopologyKeeper;
import io.tidemark.node.consensus.ChangeOutcome;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.node.registry.Registrar;
import io.tidemark.node.registry.RegistryListener;
import io.tidemark.node.registry.RegistryOptions;
import io.tidemark.node.registry.Replicated;
import io.tidemark.node.registry.Subscribers;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ReportSubscribersResponse;
import io.tidemark.proto.v1.Topology;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.transition.Outcome;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A node: what it decides of replicas is real, the rest is a model. */
final class ModelNode implements Group, Inquiries, RegistryListener, AutoCloseable {

    private static final RegistryOptions OPTIONS = new RegistryOptions(World.LOSS_TIMEOUT);
    private static final int LOST_ONE_OF = 20;

    private final World world;
    private final Member self;
    private final Registrar registrar;
    private final TopologyKeeper topology;
    private final Subscribers subscribers;
    private @Nullable ModelNode leader;
    private long term;

    ModelNode(World world, Member self) {
        this.world = world;
        this.self = self;
        this.registrar = new Registrar(
                this,
                () -> Optional.of(new Replicated(World.HISTORY, world.store.registry(), world.store.settings())),
                () -> topology().current(),
                () -> World.CLUSTER,
                this::propose,
                this,
                OPTIONS,
                world.time,
                world.time);
        this.topology = new TopologyKeeper(
                this,
                this,
                () -> GetStatusResponse.newBuilder().setServerId(self.id()).build(),
                ModelNode::facts,
                Set::of,
                registrar::replicas,
                world.time,
                world.time);
        this.subscribers = new Subscribers(
                self.id(),
                ModelNode::facts,
                topology::version,
                this::report,
                topology::adopt,
                OPTIONS,
                world.time,
                world.time);
    }

    private static Optional<ClusterFacts> facts() {
        return Optional.of(new ClusterFacts(World.CLUSTER, World.HISTORY, World.SHARDS));
    }

    TopologyKeeper topology() {
        return topology;
    }

    Subscribers subscribers() {
        return subscribers;
    }

    Registrar registrar() {
        return registrar;
    }

    /** It learns who leads. */
    void become(ModelNode newLeader, long newTerm) {
        if (newTerm > term) {
            term = newTerm;
            leader = newLeader;
            registrar.leadershipChanged();
            topology.refresh();
            subscribers.leadershipChanged();
        }
    }

    private CompletableFuture<Outcome> propose(String what, Command command) {
        CompletableFuture<Outcome> done = new CompletableFuture<>();
        world.later(() -> {
            if (!world.leadsNow(this)) {
                done.completeExceptionally(Status.UNAVAILABLE.asRuntimeException());
                return;
            }
            Entry entry = Entry.newBuilder()
                    .setTransitionVersion(1)
                    .addCommands(command)
                    .build();
            Outcome outcome =
                    world.store.apply(entry, ByteString.EMPTY).results().get(0).outcome();
            if (outcome instanceof Outcome.Refused refused) {
                done.completeExceptionally(refused.refusal().status().toException());
            } else {
                done.complete(outcome);
            }
        });
        return done;
    }

    private CompletableFuture<ReportSubscribersResponse> report(ReportSubscribersRequest request) {
        CompletableFuture<ReportSubscribersResponse> answer = new CompletableFuture<>();
        ModelNode to = leader;
        boolean isLost = world.random.nextInt(LOST_ONE_OF) == 0;
        world.later(() -> {
            if (to == null || isLost) {
                answer.completeExceptionally(Status.UNAVAILABLE.asRuntimeException());
                return;
            }
            var unused = to.registrar.report(request).handle((value, failure) -> {
                world.later(() -> {
                    if (failure != null) {
                        answer.completeExceptionally(failure);
                    } else {
                        answer.complete(value);
                    }
                });
                return null;
            });
        });
        return answer;
    }

    @Override
    public CompletableFuture<GetStatusResponse> status(String internalAddress) {
        return CompletableFuture.failedFuture(Status.UNAVAILABLE.asRuntimeException());
    }

    @Override
    public CompletableFuture<Topology> topology(String internalAddress) {
        CompletableFuture<Topology> answer = new CompletableFuture<>();
        ModelNode of = world.nodes.stream()
                .filter(node -> node.self.internalAddress().equals(internalAddress))
                .findFirst()
                .orElseThrow();
        world.later(() -> {
            Topology told = of.topology.current();
            world.later(() -> answer.complete(told));
        });
        return answer;
    }

    @Override
    public void replicasChanged() {
        topology.replicasChanged();
    }

    @Override
    public void stormBegan(int silent, int replicas) {}

    @Override
    public void stormEnded() {}

    @Override
    public String selfId() {
        return self.id();
    }

    @Override
    public boolean leads() {
        return equals(leader);
    }

    @Override
    public long term() {
        return term;
    }

    @Override
    public Optional<Member> leader() {
        return Optional.ofNullable(leader).map(node -> node.self);
    }

    @Override
    public Membership membership() {
        return new Membership(1, world.nodes.stream().map(node -> node.self).collect(Collectors.toSet()), Set.of());
    }

    @Override
    public long raftCommitIndex() {
        return 0;
    }

    @Override
    public CompletableFuture<ChangeOutcome> change(Set<Member> expected, Set<Member> wanted) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<ChangeOutcome> transfer(@Nullable String to, Duration within) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        topology.close();
    }
}
