// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.grpc.stub.StreamObserver;
import io.tidemark.api.HistoryId;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.maintenance.Upkeep;
import io.tidemark.node.registry.Proposals;
import io.tidemark.node.write.WritePath;
import io.tidemark.proto.v1.BackupRequest;
import io.tidemark.proto.v1.BackupResponse;
import io.tidemark.proto.v1.CreateCheckpointResponse;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.NodeStatus;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.Workers;
import io.tidemark.server.read.StorePlace;
import io.tidemark.server.upkeep.Backups;
import io.tidemark.server.upkeep.Checkpoints;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.server.upkeep.StatusReport;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.RaiseHorizonCommand;
import java.util.concurrent.CompletableFuture;

/** What a node can be asked for by operators. */
final class NodeUpkeep implements Upkeep {

    private final NodeGroup group;
    private final StorePlace place;
    private final Headers headers;
    private final StatusReport report;
    private final Checkpoints checkpoints;
    private final Digests digests;
    private final Backups backups;
    private final WritePath path;
    private final Proposals proposals;
    private final Workers workers;
    private final String zone;
    private final String softwareVersion;

    NodeUpkeep(
            NodeGroup group,
            StorePlace place,
            Headers headers,
            StatusReport report,
            Checkpoints checkpoints,
            Digests digests,
            Backups backups,
            WritePath path,
            Proposals proposals,
            Workers workers,
            String zone,
            String softwareVersion) {
        this.group = group;
        this.place = place;
        this.headers = headers;
        this.report = report;
        this.checkpoints = checkpoints;
        this.digests = digests;
        this.backups = backups;
        this.path = path;
        this.proposals = proposals;
        this.workers = workers;
        this.zone = zone;
        this.softwareVersion = softwareVersion;
    }

    @Override
    public GetStatusResponse status() {
        GetStatusResponse.Builder status = place.present().map(report::of).orElseGet(report::withoutStore);
        return status.setHeader(header())
                .setServerId(group.selfId())
                .setZone(zone)
                .setSoftwareVersion(softwareVersion)
                .setNode(nodeStatus())
                .build();
    }

    private NodeStatus nodeStatus() {
        NodeStatus.Builder status = NodeStatus.newBuilder()
                .setTerm(group.term())
                .setLeaderId(group.leader().map(Member::id).orElse(""))
                .setQueuedWrites(path.waitingCommands());
        group.consensus()
                .ifPresent(started -> status.setRaftCommitIndex(started.commitIndex())
                        .setRaftAppliedIndex(started.appliedIndex())
                        .setRaftFirstKeptIndex(started.firstLogIndex()));
        return status.build();
    }

    @Override
    public ResponseHeader header() {
        return place.present().map(headers::ofNoState).orElseGet(headers::withoutStore);
    }

    @Override
    public HistoryId history() {
        return place.store().history();
    }

    @Override
    public CompletableFuture<CreateCheckpointResponse> checkpoint() {
        return checkpoints.create(place.store());
    }

    @Override
    public CompletableFuture<GetDigestsResponse> digests(GetDigestsRequest request) {
        return CompletableFuture.completedFuture(digests.kept(place.store(), request));
    }

    @Override
    public void verifyFromDisk(StreamObserver<VerifyDigestsResponse> caller) {
        digests.check(place.store(), group.selfId(), workers, found -> {}, caller);
    }

    @Override
    public void backup(BackupRequest request, StreamObserver<BackupResponse> caller) {
        backups.backup(request, caller);
    }

    @Override
    public CompletableFuture<Long> raiseHorizon(long horizon) {
        Command command = Command.newBuilder()
                .setRaiseHorizon(RaiseHorizonCommand.newBuilder().setHorizon(horizon))
                .build();
        return proposals
                .propose("raising the horizon", command)
                .thenApply(outcome -> place.store().horizon());
    }
}
