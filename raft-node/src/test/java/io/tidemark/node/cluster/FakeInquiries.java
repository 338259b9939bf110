// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Topology;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Servers that answer what a test gave them, at once; at other addresses nobody answers. */
final class FakeInquiries implements Inquiries {

    static final String HISTORY = "0123456789abcdef";

    final Map<String, GetStatusResponse> statuses = new HashMap<>();
    final Map<String, Topology> topologies = new HashMap<>();

    static GetStatusResponse status(String id, String zone, long appliedIndex) {
        return GetStatusResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder()
                        .setHistoryId(HISTORY)
                        .setServedByRole(ServerRole.SERVER_ROLE_FOLLOWER)
                        .setAppliedIndex(appliedIndex))
                .setServerId(id)
                .setZone(zone)
                .build();
    }

    @Override
    public CompletableFuture<GetStatusResponse> status(String internalAddress) {
        return answer(statuses.get(internalAddress));
    }

    @Override
    public CompletableFuture<Topology> topology(String internalAddress) {
        return answer(topologies.get(internalAddress));
    }

    private static <T> CompletableFuture<T> answer(@org.jspecify.annotations.Nullable T told) {
        return told == null
                ? CompletableFuture.failedFuture(new IllegalStateException("connection refused"))
                : CompletableFuture.completedFuture(told);
    }
}
