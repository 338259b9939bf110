// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.CreateCheckpointResponse;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.ReplicaStatus;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import io.tidemark.replica.feed.core.Subscriber;
import io.tidemark.replica.feed.core.SubscriberFigures;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.Workers;
import io.tidemark.server.read.StorePlace;
import io.tidemark.server.upkeep.Checkpoints;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.server.upkeep.StatusReport;
import io.tidemark.store.state.Store;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** What a replica can be asked for by operators. */
public final class ReplicaUpkeep {

    private final StorePlace place;
    private final Subscriber subscriber;
    private final Answerer answerer;
    private final Headers headers;
    private final StatusReport report;
    private final Checkpoints checkpoints;
    private final Digests digests;
    private final Workers workers;
    private final Executor feed;
    private final String zone;
    private final String softwareVersion;

    /** @param feed the thread that the subscriber is of */
    public ReplicaUpkeep(
            StorePlace place,
            Subscriber subscriber,
            Answerer answerer,
            Headers headers,
            StatusReport report,
            Workers workers,
            Executor feed,
            String zone,
            String softwareVersion) {
        this.place = place;
        this.subscriber = subscriber;
        this.answerer = answerer;
        this.headers = headers;
        this.report = report;
        this.checkpoints = new Checkpoints(headers::ofNoState, workers::goOn);
        this.digests = new Digests(headers::ofNoState);
        this.workers = workers;
        this.feed = feed;
        this.zone = zone;
        this.softwareVersion = softwareVersion;
    }

    GetStatusResponse status() {
        SubscriberFigures figures = subscriber.figures();
        GetStatusResponse.Builder status = place.present().map(report::of).orElseGet(report::withoutStore);
        return status.setHeader(place.present().map(headers::ofNoState).orElseGet(headers::withoutStore))
                .setServerId(answerer.serverId())
                .setZone(zone)
                .setSoftwareVersion(softwareVersion)
                .setReplica(ReplicaStatus.newBuilder()
                        .setUpstreamId(figures.upstreamId())
                        .setServing(subscriber.serving().toProto())
                        .addAllBootstraps(figures.bootstraps())
                        .setApplyLag(figures.waiting()))
                .build();
    }

    CompletableFuture<CreateCheckpointResponse> checkpoint() {
        return checkpoints.create(place.store());
    }

    GetDigestsResponse digests(GetDigestsRequest request) {
        return digests.kept(place.store(), request);
    }

    /** Recomputes this replica's digests from disk; the last message has the index, and what was found. That is copied again. */
    void verifyFromDisk(StreamObserver<VerifyDigestsResponse> caller) {
        Store store = place.store();
        digests.check(
                store,
                answerer.serverId(),
                workers,
                found -> feed.execute(() -> subscriber.damaged(store, found.mismatches())),
                caller);
    }
}
