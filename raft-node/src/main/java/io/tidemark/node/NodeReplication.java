// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.grpc.stub.StreamObserver;
import io.tidemark.node.confirm.ConfirmationHandlers;
import io.tidemark.node.confirm.ReplicationService;
import io.tidemark.node.registry.Reports;
import io.tidemark.node.succession.Succession;
import io.tidemark.proto.v1.AskLeaderGoneRequest;
import io.tidemark.proto.v1.AskLeaderGoneResponse;
import io.tidemark.proto.v1.BootstrapRequest;
import io.tidemark.proto.v1.BootstrapResponse;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.ResolveTimeRequest;
import io.tidemark.proto.v1.ResolveTimeResponse;
import io.tidemark.server.call.Calls;
import io.tidemark.server.feed.Bootstraps;
import io.tidemark.server.feed.DigestQueries;
import io.tidemark.server.feed.Feeds;
import io.tidemark.server.feed.TimeQueries;

/** All of a node's {@code Replication} service: beside what it says of leadership and its end, what it feeds replicas with. */
final class NodeReplication extends ReplicationService {

    private final Succession succession;
    private final Feeds feeds;
    private final Bootstraps bootstraps;
    private final TimeQueries times;
    private final DigestQueries digests;

    NodeReplication(
            ConfirmationHandlers confirmation,
            Reports reports,
            Succession succession,
            Feeds feeds,
            Bootstraps bootstraps,
            TimeQueries times,
            DigestQueries digests) {
        super(confirmation, reports);
        this.succession = succession;
        this.feeds = feeds;
        this.bootstraps = bootstraps;
        this.times = times;
        this.digests = digests;
    }

    @Override
    public void askLeaderGone(AskLeaderGoneRequest request, StreamObserver<AskLeaderGoneResponse> to) {
        Calls.answer(to, () -> {
            Calls.requireKnown(request);
            return succession.answer(request);
        });
    }

    @Override
    public StreamObserver<FeedRequest> feed(StreamObserver<FeedResponse> to) {
        return feeds.feed(to);
    }

    @Override
    public void bootstrap(BootstrapRequest request, StreamObserver<BootstrapResponse> to) {
        bootstraps.bootstrap(request, to);
    }

    @Override
    public void resolveTime(ResolveTimeRequest request, StreamObserver<ResolveTimeResponse> to) {
        times.resolve(request, to);
    }

    @Override
    public void fetchDigests(FetchDigestsRequest request, StreamObserver<FetchDigestsResponse> to) {
        digests.fetch(request, to);
    }
}
