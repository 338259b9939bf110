// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.ConfirmReadIndexRequest;
import io.tidemark.proto.v1.ConfirmReadIndexResponse;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.ReplicationGrpc;

/** The {@code Replication} service of a node, on its internal port. What it does not serve is UNIMPLEMENTED. */
public final class ReplicationService extends ReplicationGrpc.ReplicationImplBase {

    private final ConfirmationHandlers confirmation;

    public ReplicationService(ConfirmationHandlers confirmation) {
        this.confirmation = confirmation;
    }

    @Override
    public void confirmTerm(ConfirmTermRequest request, StreamObserver<ConfirmTermResponse> to) {
        confirmation.confirmTerm(request, to);
    }

    @Override
    public void confirmReadIndex(ConfirmReadIndexRequest request, StreamObserver<ConfirmReadIndexResponse> to) {
        confirmation.confirmReadIndex(request, to);
    }
}
