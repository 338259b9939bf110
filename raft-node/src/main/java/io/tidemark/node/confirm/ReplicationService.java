// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.grpc.stub.StreamObserver;
import io.tidemark.node.registry.Reports;
import io.tidemark.proto.v1.ConfirmReadIndexRequest;
import io.tidemark.proto.v1.ConfirmReadIndexResponse;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ReportSubscribersResponse;
import io.tidemark.server.call.Calls;

/** What a node says of leadership: its part of the {@code Replication} service, on its internal port. */
public class ReplicationService extends ReplicationGrpc.ReplicationImplBase {

    private final ConfirmationHandlers confirmation;
    private final Reports reports;

    /** @param reports takes what other nodes report, if this node leads */
    public ReplicationService(ConfirmationHandlers confirmation, Reports reports) {
        this.confirmation = confirmation;
        this.reports = reports;
    }

    @Override
    public void confirmTerm(ConfirmTermRequest request, StreamObserver<ConfirmTermResponse> to) {
        confirmation.confirmTerm(request, to);
    }

    @Override
    public void confirmReadIndex(ConfirmReadIndexRequest request, StreamObserver<ConfirmReadIndexResponse> to) {
        confirmation.confirmReadIndex(request, to);
    }

    @Override
    public void reportSubscribers(ReportSubscribersRequest request, StreamObserver<ReportSubscribersResponse> to) {
        Calls.answer(to, () -> {
            Calls.requireKnown(request);
            return reports.send(request);
        });
    }
}
