// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.maintenance;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.stub.StreamObserver;
import io.tidemark.node.cluster.ChangeErrors;
import io.tidemark.node.cluster.Group;
import io.tidemark.node.cluster.HandOver;
import io.tidemark.node.cluster.MembershipChanges;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.maintenance.PassingOn.Effect;
import io.tidemark.node.registry.Registrar;
import io.tidemark.proto.v1.AddNodeRequest;
import io.tidemark.proto.v1.AddNodeResponse;
import io.tidemark.proto.v1.BackupRequest;
import io.tidemark.proto.v1.BackupResponse;
import io.tidemark.proto.v1.CreateCheckpointRequest;
import io.tidemark.proto.v1.CreateCheckpointResponse;
import io.tidemark.proto.v1.DrainReplicaRequest;
import io.tidemark.proto.v1.DrainReplicaResponse;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.NodeMembership;
import io.tidemark.proto.v1.RaiseHorizonRequest;
import io.tidemark.proto.v1.RaiseHorizonResponse;
import io.tidemark.proto.v1.RemoveNodeRequest;
import io.tidemark.proto.v1.RemoveNodeResponse;
import io.tidemark.proto.v1.RemoveReplicaRequest;
import io.tidemark.proto.v1.RemoveReplicaResponse;
import io.tidemark.proto.v1.ReplaceNodeRequest;
import io.tidemark.proto.v1.ReplaceNodeResponse;
import io.tidemark.proto.v1.ResumeReplicaRequest;
import io.tidemark.proto.v1.ResumeReplicaResponse;
import io.tidemark.proto.v1.TransferLeadershipRequest;
import io.tidemark.proto.v1.TransferLeadershipResponse;
import io.tidemark.proto.v1.VerifyDepth;
import io.tidemark.proto.v1.VerifyDigestsRequest;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.Failures;
import io.tidemark.server.forward.Origin;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.server.upkeep.Backups;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The {@code Maintenance} service of a node; see maintenance.proto for what each call promises. */
public final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {

    private final Group group;
    private final Upkeep upkeep;
    private final MembershipChanges members;
    private final HandOver handOver;
    private final LeaderRemoval leaderRemoval;
    private final DigestComparison comparison;
    private final PassingOn passingOn;
    private final Registrar registrar;

    public MaintenanceService(
            Group group,
            Upkeep upkeep,
            MembershipChanges members,
            HandOver handOver,
            LeaderRemoval leaderRemoval,
            DigestComparison comparison,
            PassingOn passingOn,
            Registrar registrar) {
        this.group = group;
        this.upkeep = upkeep;
        this.members = members;
        this.handOver = handOver;
        this.leaderRemoval = leaderRemoval;
        this.comparison = comparison;
        this.passingOn = passingOn;
        this.registrar = registrar;
    }

    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> caller) {
        atServer(
                request.getServerId(),
                MaintenanceGrpc.getGetStatusMethod(),
                request,
                caller,
                () -> CompletableFuture.completedFuture(upkeep.status()));
    }

    @Override
    public void createCheckpoint(CreateCheckpointRequest request, StreamObserver<CreateCheckpointResponse> caller) {
        atServer(
                request.getServerId(),
                MaintenanceGrpc.getCreateCheckpointMethod(),
                request,
                caller,
                upkeep::checkpoint);
    }

    @Override
    public void getDigests(GetDigestsRequest request, StreamObserver<GetDigestsResponse> caller) {
        atServer(
                request.getServerId(),
                MaintenanceGrpc.getGetDigestsMethod(),
                request,
                caller,
                () -> upkeep.digests(request));
    }

    /** Answered here if it is for this server, else by the one that it names. */
    private <Q extends Message, A> void atServer(
            String serverId,
            MethodDescriptor<Q, A> method,
            Q request,
            StreamObserver<A> caller,
            Supplier<CompletableFuture<A>> here) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (passingOn.isHere(serverId)) {
                Calls.answer(caller, here);
            } else {
                passingOn.unary(Effect.NONE, passingOn.addressOf(serverId), method, request, caller);
            }
        });
    }

    @Override
    public void backup(BackupRequest request, StreamObserver<BackupResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            String serverId = serverOf(request);
            if (passingOn.isHere(serverId)) {
                upkeep.backup(request, caller);
            } else {
                String address = passingOn.addressOf(serverId);
                passingOn.stream(Effect.NONE, address, MaintenanceGrpc.getBackupMethod(), request, caller);
            }
        });
    }

    /** Who writes the backup; the state that a resumed one goes on with is held by the server that began it, and by no other. */
    private static String serverOf(BackupRequest request) {
        if (!request.hasResumeToken()) {
            return request.getServerId();
        }
        String holder = Backups.serverOf(request.getResumeToken());
        if (!request.getServerId().isEmpty() && !request.getServerId().equals(holder)) {
            throw NodeRequests.wrong(
                    "server_id", request.getServerId(), holder + ", which the resume_token is of, or none");
        }
        return holder;
    }

    /** A server asks another one for that one's own part, so the call is then for it alone. */
    @Override
    public void verifyDigests(VerifyDigestsRequest request, StreamObserver<VerifyDigestsResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (Origin.current().hops() > 0 && request.getDepth() == VerifyDepth.VERIFY_DEPTH_DISK) {
                upkeep.verifyFromDisk(caller);
            } else {
                comparison.compare(request.getDepth(), caller);
            }
        });
    }

    @Override
    public void raiseHorizon(RaiseHorizonRequest request, StreamObserver<RaiseHorizonResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (!group.leads()) {
                String address = passingOn.leaderAddress();
                passingOn.unary(Effect.CHANGE, address, MaintenanceGrpc.getRaiseHorizonMethod(), request, caller);
                return;
            }
            ReadAsks.requireHistory(request.getHistoryId(), upkeep.history());
            Calls.answer(
                    caller,
                    () -> upkeep.raiseHorizon(request.getHorizon())
                            .thenApply(horizon -> RaiseHorizonResponse.newBuilder()
                                    .setHeader(upkeep.header())
                                    .setHorizon(horizon)
                                    .build()));
        });
    }

    @Override
    public void transferLeadership(
            TransferLeadershipRequest request, StreamObserver<TransferLeadershipResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (!group.leads()) {
                String address = passingOn.leaderAddress();
                passingOn.unary(Effect.CHANGE, address, MaintenanceGrpc.getTransferLeadershipMethod(), request, caller);
                return;
            }
            Calls.answer(caller, () -> transfer(request.hasNodeId() ? request.getNodeId() : null));
        });
    }

    private CompletableFuture<TransferLeadershipResponse> transfer(@Nullable String to) {
        return handOver.to(to)
                .thenApply(leader -> TransferLeadershipResponse.newBuilder()
                        .setHeader(upkeep.header())
                        .setLeaderId(leader.id())
                        .setTerm(group.term())
                        .build());
    }

    @Override
    public void addNode(AddNodeRequest request, StreamObserver<AddNodeResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (!group.leads()) {
                passingOn.stream(
                        Effect.CHANGE, passingOn.leaderAddress(), MaintenanceGrpc.getAddNodeMethod(), request, caller);
                return;
            }
            Member member = NodeRequests.member(request, "");
            ProgressStream<AddNodeResponse> stream = ProgressStream.to(
                    caller, now -> AddNodeResponse.newBuilder().setProgress(now).build());
            Consumer<Member> last = added -> stream.end(
                    AddNodeResponse.newBuilder().setNode(node(request)).build());
            stream.run(() -> members.add(member, stream::progress), last);
        });
    }

    @Override
    public void removeNode(RemoveNodeRequest request, StreamObserver<RemoveNodeResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (!group.leads()) {
                passingOn.stream(
                        Effect.CHANGE,
                        passingOn.leaderAddress(),
                        MaintenanceGrpc.getRemoveNodeMethod(),
                        request,
                        caller);
                return;
            }
            boolean leads = request.getNodeId().equals(group.selfId());
            ProgressStream<RemoveNodeResponse> stream = ProgressStream.to(
                    caller,
                    now -> RemoveNodeResponse.newBuilder().setProgress(now).build());
            stream.run(
                    () -> leads
                            ? leaderRemoval.remove(request, stream::progress)
                            : members.remove(request.getNodeId(), stream::progress),
                    done -> stream.end(null));
        });
    }

    @Override
    public void replaceNode(ReplaceNodeRequest request, StreamObserver<ReplaceNodeResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (!group.leads()) {
                passingOn.stream(
                        Effect.CHANGE,
                        passingOn.leaderAddress(),
                        MaintenanceGrpc.getReplaceNodeMethod(),
                        request,
                        caller);
                return;
            }
            if (request.getDeadNodeId().equals(group.selfId())) {
                throw ChangeErrors.isTheLeader(request.getDeadNodeId());
            }
            Member member = NodeRequests.member(request.getNewNode(), "new_node.");
            ProgressStream<ReplaceNodeResponse> stream = ProgressStream.to(
                    caller,
                    now -> ReplaceNodeResponse.newBuilder().setProgress(now).build());
            Consumer<Member> last = added -> stream.end(ReplaceNodeResponse.newBuilder()
                    .setNode(node(request.getNewNode()))
                    .build());
            stream.run(() -> members.replace(request.getDeadNodeId(), member, stream::progress), last);
        });
    }

    @Override
    public void drainReplica(DrainReplicaRequest request, StreamObserver<DrainReplicaResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (!group.leads()) {
                passingOn.stream(
                        Effect.CHANGE,
                        passingOn.leaderAddress(),
                        MaintenanceGrpc.getDrainReplicaMethod(),
                        request,
                        caller);
                return;
            }
            ReplicaDrain.run(registrar, request.getReplicaId(), caller);
        });
    }

    @Override
    public void resumeReplica(ResumeReplicaRequest request, StreamObserver<ResumeReplicaResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (!group.leads()) {
                String address = passingOn.leaderAddress();
                passingOn.unary(Effect.CHANGE, address, MaintenanceGrpc.getResumeReplicaMethod(), request, caller);
                return;
            }
            Calls.answer(
                    caller,
                    () -> registrar
                            .resume(request.getReplicaId())
                            .thenApply(replica -> ResumeReplicaResponse.newBuilder()
                                    .setHeader(upkeep.header())
                                    .setReplica(replica)
                                    .build()));
        });
    }

    @Override
    public void removeReplica(RemoveReplicaRequest request, StreamObserver<RemoveReplicaResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (!group.leads()) {
                String address = passingOn.leaderAddress();
                passingOn.unary(Effect.CHANGE, address, MaintenanceGrpc.getRemoveReplicaMethod(), request, caller);
                return;
            }
            Calls.answer(
                    caller,
                    () -> registrar
                            .remove(request.getReplicaId())
                            .thenApply(done -> RemoveReplicaResponse.newBuilder()
                                    .setHeader(upkeep.header())
                                    .build()));
        });
    }

    private static Node node(AddNodeRequest request) {
        return Node.newBuilder()
                .setNodeId(request.getNodeId())
                .setZone(request.getZone())
                .setRaftAddress(request.getRaftAddress())
                .setInternalAddress(request.getInternalAddress())
                .setClientAddress(request.getClientAddress())
                .setMembership(NodeMembership.NODE_MEMBERSHIP_VOTER)
                .build();
    }

    private static void guarded(StreamObserver<?> caller, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            caller.onError(Failures.toStatus(e));
        }
    }
}
