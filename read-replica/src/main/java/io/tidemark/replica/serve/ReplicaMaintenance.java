// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.grpc.MethodDescriptor;
import io.grpc.stub.StreamObserver;
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
import io.tidemark.replica.serve.PassingOn.Effect;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.Failures;
import io.tidemark.server.forward.Origin;
import java.util.concurrent.CompletableFuture;

/** The {@code Maintenance} service of a replica: what is about itself it answers, all else is for raft nodes. */
public final class ReplicaMaintenance extends MaintenanceGrpc.MaintenanceImplBase {

    private final String serverId;
    private final ReplicaUpkeep upkeep;
    private final PassingOn passingOn;

    public ReplicaMaintenance(String serverId, ReplicaUpkeep upkeep, PassingOn passingOn) {
        this.serverId = serverId;
        this.upkeep = upkeep;
        this.passingOn = passingOn;
    }

    private boolean isHere(boolean named, String asked) {
        return !named || asked.isEmpty() || asked.equals(serverId);
    }

    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (isHere(request.hasServerId(), request.getServerId())) {
                Calls.answer(caller, () -> CompletableFuture.completedFuture(upkeep.status()));
            } else {
                passingOn.unary(Effect.NONE, MaintenanceGrpc.getGetStatusMethod(), request, caller);
            }
        });
    }

    @Override
    public void createCheckpoint(CreateCheckpointRequest request, StreamObserver<CreateCheckpointResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (isHere(request.hasServerId(), request.getServerId())) {
                Calls.answer(caller, upkeep::checkpoint);
            } else {
                passingOn.unary(Effect.NONE, MaintenanceGrpc.getCreateCheckpointMethod(), request, caller);
            }
        });
    }

    @Override
    public void getDigests(GetDigestsRequest request, StreamObserver<GetDigestsResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (isHere(request.hasServerId(), request.getServerId())) {
                Calls.answer(caller, () -> CompletableFuture.completedFuture(upkeep.digests(request)));
            } else {
                passingOn.unary(Effect.NONE, MaintenanceGrpc.getGetDigestsMethod(), request, caller);
            }
        });
    }

    /** A server asks another one for that one's own part, so the call is then for it alone. */
    @Override
    public void verifyDigests(VerifyDigestsRequest request, StreamObserver<VerifyDigestsResponse> caller) {
        guarded(caller, () -> {
            Calls.requireKnown(request);
            if (Origin.current().hops() > 0 && request.getDepth() == VerifyDepth.VERIFY_DEPTH_DISK) {
                upkeep.verifyFromDisk(caller);
            } else {
                passingOn.stream(MaintenanceGrpc.getVerifyDigestsMethod(), request, caller);
            }
        });
    }

    @Override
    public void backup(BackupRequest request, StreamObserver<BackupResponse> caller) {
        stream(Effect.NONE, MaintenanceGrpc.getBackupMethod(), request, caller);
    }

    @Override
    public void raiseHorizon(RaiseHorizonRequest request, StreamObserver<RaiseHorizonResponse> caller) {
        passingOn.unary(Effect.CHANGE, MaintenanceGrpc.getRaiseHorizonMethod(), request, caller);
    }

    @Override
    public void transferLeadership(
            TransferLeadershipRequest request, StreamObserver<TransferLeadershipResponse> caller) {
        passingOn.unary(Effect.CHANGE, MaintenanceGrpc.getTransferLeadershipMethod(), request, caller);
    }

    @Override
    public void addNode(AddNodeRequest request, StreamObserver<AddNodeResponse> caller) {
        stream(Effect.CHANGE, MaintenanceGrpc.getAddNodeMethod(), request, caller);
    }

    @Override
    public void removeNode(RemoveNodeRequest request, StreamObserver<RemoveNodeResponse> caller) {
        stream(Effect.CHANGE, MaintenanceGrpc.getRemoveNodeMethod(), request, caller);
    }

    @Override
    public void replaceNode(ReplaceNodeRequest request, StreamObserver<ReplaceNodeResponse> caller) {
        stream(Effect.CHANGE, MaintenanceGrpc.getReplaceNodeMethod(), request, caller);
    }

    @Override
    public void drainReplica(DrainReplicaRequest request, StreamObserver<DrainReplicaResponse> caller) {
        stream(Effect.CHANGE, MaintenanceGrpc.getDrainReplicaMethod(), request, caller);
    }

    @Override
    public void resumeReplica(ResumeReplicaRequest request, StreamObserver<ResumeReplicaResponse> caller) {
        passingOn.unary(Effect.CHANGE, MaintenanceGrpc.getResumeReplicaMethod(), request, caller);
    }

    @Override
    public void removeReplica(RemoveReplicaRequest request, StreamObserver<RemoveReplicaResponse> caller) {
        passingOn.unary(Effect.CHANGE, MaintenanceGrpc.getRemoveReplicaMethod(), request, caller);
    }

    private <Q, A> void stream(Effect effect, MethodDescriptor<Q, A> method, Q request, StreamObserver<A> caller) {
        guarded(caller, () -> passingOn.stream(effect, method, request, caller));
    }

    private static void guarded(StreamObserver<?> caller, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            caller.onError(Failures.toStatus(e));
        }
    }
}
