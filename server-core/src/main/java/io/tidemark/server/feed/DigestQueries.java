// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.UnaryAnswer;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.store.state.Store;
import java.util.function.Supplier;

/** This server's digests, for other servers to compare with their own. For any thread; nothing waits here. */
public final class DigestQueries {

    private final AskedStore store;
    private final Digests digests;

    /**
     * Answers from what {@code store} gives.
     *
     * @param clusterId empty while it is not known
     * @param store throws an error for callers while there is nothing
     */
    public DigestQueries(String serverId, Supplier<String> clusterId, Supplier<Store> store, Digests digests) {
        this.store = new AskedStore(serverId, clusterId, store);
        this.digests = digests;
    }

    public void fetch(FetchDigestsRequest request, StreamObserver<FetchDigestsResponse> caller) {
        UnaryAnswer<FetchDigestsResponse> answer = UnaryAnswer.to(caller);
        try {
            Calls.requireKnown(request);
            Store here = store.of(request.getClusterId(), request.getHistoryId());
            GetDigestsRequest.Builder same = GetDigestsRequest.newBuilder().setDetail(request.getDetail());
            if (request.hasIndex()) {
                same.setIndex(request.getIndex());
            }
            if (request.hasShards()) {
                same.setShards(request.getShards());
            }
            GetDigestsResponse kept = digests.kept(here, same.build());
            answer.succeed(FetchDigestsResponse.newBuilder()
                    .setHistoryId(here.history().text())
                    .setIndex(kept.getIndex())
                    .setDigestVersion(kept.getDigestVersion())
                    .addAllDigests(kept.getDigestsList())
                    .build());
        } catch (RuntimeException e) {
            answer.fail(e);
        }
    }
}
