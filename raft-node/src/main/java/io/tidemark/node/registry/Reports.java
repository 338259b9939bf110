// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ReportSubscribersResponse;
import java.util.concurrent.CompletableFuture;

/** Brings reports to the leader, be it this node or another. */
@FunctionalInterface
public interface Reports {

    /** Fails if the leader does not answer in time, or there is none. */
    CompletableFuture<ReportSubscribersResponse> send(ReportSubscribersRequest report);
}
