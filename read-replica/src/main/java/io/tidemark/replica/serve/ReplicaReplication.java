// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.server.feed.DigestQueries;

/** What a replica has of the {@code Replication} service: it feeds nobody, but can be compared with. */
public final class ReplicaReplication extends ReplicationGrpc.ReplicationImplBase {

    private final DigestQueries digests;

    public ReplicaReplication(DigestQueries digests) {
        this.digests = digests;
    }

    @Override
    public void fetchDigests(FetchDigestsRequest request, StreamObserver<FetchDigestsResponse> caller) {
        digests.fetch(request, caller);
    }
}
