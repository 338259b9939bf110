// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.Topology;
import java.util.concurrent.CompletableFuture;

/** Asks other servers, by their internal addresses. Each answer comes within a second or so, or fails. */
public interface Inquiries {

    CompletableFuture<GetStatusResponse> status(String internalAddress);

    CompletableFuture<Topology> topology(String internalAddress);
}
