// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import java.util.concurrent.CompletableFuture;

/** Says why there is no confirmed index. */
final class NoLeader {

    private NoLeader() {}

    static StatusRuntimeException because(Identity identity, String reason) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_NO_LEADER,
                        "node " + identity.nodeId() + " has no leader that is confirmed: " + reason
                                + "; try again, or ask for less than linearizable")
                .with(ErrorMetadata.SERVED_BY, identity.nodeId())
                .with(ErrorMetadata.CAUSE, reason)
                .toException();
    }

    static <T> CompletableFuture<T> failure(Identity identity, String reason) {
        return CompletableFuture.failedFuture(because(identity, reason));
    }
}
