// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.tidemark.node.cluster.Inquiries;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ReportSubscribersResponse;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.forward.ForwardOutcome;
import io.tidemark.server.forward.Forwarder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Asks other servers over their internal ports. */
record NodeInquiries(Forwarder forwarder) implements Inquiries {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    @Override
    public CompletableFuture<GetStatusResponse> status(String internalAddress) {
        return ask(internalAddress, MaintenanceGrpc.getGetStatusMethod(), GetStatusRequest.getDefaultInstance());
    }

    @Override
    public CompletableFuture<Topology> topology(String internalAddress) {
        return ask(internalAddress, ClusterGrpc.getGetTopologyMethod(), GetTopologyRequest.getDefaultInstance())
                .thenApply(GetTopologyResponse::getTopology);
    }

    /** Tells the leader, whose address it is, whom this node feeds. */
    CompletableFuture<ReportSubscribersResponse> report(String internalAddress, ReportSubscribersRequest report) {
        return ask(internalAddress, ReplicationGrpc.getReportSubscribersMethod(), report);
    }

    /** What digests a node has kept. */
    CompletableFuture<FetchDigestsResponse> digests(String internalAddress, FetchDigestsRequest request) {
        return ask(internalAddress, ReplicationGrpc.getFetchDigestsMethod(), request);
    }

    private <Q, A> CompletableFuture<A> ask(String address, MethodDescriptor<Q, A> method, Q request) {
        CompletableFuture<ForwardOutcome<A>> answer = new CompletableFuture<>();
        // It is this node that asks, whoever's call may be under way: it neither ends with that nor counts its hops.
        Context.ROOT.run(() -> {
            CompletableFuture<Void> unused =
                    forwarder.call(address, method, request, TIMEOUT).outcome().thenAccept(answer::complete);
        });
        return answer.thenApply(outcome -> {
            if (outcome instanceof ForwardOutcome.Answered<A> answered) {
                return answered.answer();
            }
            throw new IllegalStateException(address + " did not answer: " + why(outcome));
        });
    }

    /** For whoever started the wrong server, or none: what the network said, without what gRPC wraps it in. */
    private static String why(ForwardOutcome<?> outcome) {
        if (outcome instanceof ForwardOutcome.NotSent<?> notSent) {
            return why(notSent.status());
        }
        if (outcome instanceof ForwardOutcome.Lost<?> lost) {
            return why(lost.status());
        }
        return outcome instanceof ForwardOutcome.Refused<?> refused
                ? refused.error().message()
                : outcome.toString();
    }

    private static String why(Status status) {
        Throwable cause = status.getCause();
        return cause != null && cause.getMessage() != null
                ? cause.getMessage()
                : status.getCode() + (status.getDescription() == null ? "" : ", " + status.getDescription());
    }
}
