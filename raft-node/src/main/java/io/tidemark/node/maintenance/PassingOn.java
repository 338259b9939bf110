// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.maintenance;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.node.cluster.Group;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.NotLeader;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.call.Calls;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.ForwardOutcome;
import io.tidemark.server.forward.ForwardedCall;
import io.tidemark.server.forward.Forwarder;
import io.tidemark.server.forward.Origin;
import io.tidemark.server.forward.PassedOnStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Passes calls on to the server that they are for. */
public final class PassingOn {

    /** For who gave no deadline. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** What a call may do at the server that it is passed on to. */
    enum Effect {
        /** So it may be tried again. */
        NONE,
        /** So when the answer is lost it may have been done. */
        CHANGE
    }

    private final Group group;
    private final Supplier<Topology> topology;
    private final Forwarder forwarder;
    private final Channels channels;

    public PassingOn(Group group, Supplier<Topology> topology, Forwarder forwarder, Channels channels) {
        this.group = group;
        this.topology = topology;
        this.forwarder = forwarder;
        this.channels = channels;
    }

    /** Whether a call is for this server; empty: it names none. */
    boolean isHere(String serverId) {
        return serverId.isEmpty() || serverId.equals(group.selfId());
    }

    /** The internal address of the server. */
    String addressOf(String serverId) {
        Topology known = topology.get();
        Optional<String> node = known.getNodesList().stream()
                .filter(candidate -> candidate.getNodeId().equals(serverId))
                .map(Node::getInternalAddress)
                .findFirst();
        return node.or(() -> known.getReplicasList().stream()
                        .filter(candidate -> candidate.getReplicaId().equals(serverId))
                        .map(Replica::getInternalAddress)
                        .findFirst())
                .orElseThrow(() -> ErrorStatus.of(
                                ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND,
                                "there is no node or replica " + serverId + " in the topology")
                        .with(ErrorMetadata.SERVER_ID, serverId)
                        .toException());
    }

    /** The internal address of the leader, which is another node. */
    String leaderAddress() {
        Member leader = group.leader()
                .filter(member -> !member.id().equals(group.selfId()))
                .orElseThrow(() -> ErrorStatus.of(
                                ErrorReason.ERROR_REASON_NO_LEADER,
                                "node " + group.selfId()
                                        + " does not lead, and knows of no leader. Try again in a moment.")
                        .with(ErrorMetadata.SERVED_BY, group.selfId())
                        .toException());
        if (Origin.current().hops() > 0) {
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_NOT_LEADER,
                            "node " + group.selfId() + " does not lead; " + leader.id()
                                    + " may. Try again in a moment.")
                    .with(ErrorMetadata.SERVED_BY, group.selfId())
                    .with(ErrorMetadata.LEADER_ID, leader.id())
                    .withDetail(NotLeader.newBuilder()
                            .setLeaderId(leader.id())
                            .setLeaderAddress(leader.clientAddress())
                            .setTerm(group.term())
                            .build())
                    .toException();
        }
        return leader.internalAddress();
    }

    /** One request, one answer. */
    @SuppressWarnings("FutureReturnValueIgnored") // the outcome never fails, and the listener does not throw
    <Q, A> void unary(
            Effect effect, String address, MethodDescriptor<Q, A> method, Q request, StreamObserver<A> caller) {
        Duration left = Calls.untilDeadline();
        ForwardedCall<A> call = forwarder.call(address, method, request, left == null ? TIMEOUT : left);
        call.outcome().whenComplete((outcome, failure) -> answer(effect, address, outcome, caller));
    }

    private <A> void answer(Effect effect, String address, ForwardOutcome<A> outcome, StreamObserver<A> caller) {
        if (outcome instanceof ForwardOutcome.Answered<A> answered) {
            caller.onNext(answered.answer());
            caller.onCompleted();
        } else if (outcome instanceof ForwardOutcome.Refused<A> refused) {
            caller.onError(refused.toException());
        } else if (outcome instanceof ForwardOutcome.NotSent<A> notSent) {
            caller.onError(unreachable(address, String.valueOf(notSent.status().getDescription())));
        } else if (outcome instanceof ForwardOutcome.Lost<A> lost) {
            caller.onError(broken(effect, address, lost.status()));
        }
    }

    private static StatusRuntimeException broken(Effect effect, String address, Status status) {
        if (effect == Effect.NONE) {
            return unreachable(address, String.valueOf(status));
        }
        return lost(address, String.valueOf(status));
    }

    /** One request, a stream of answers. */
    <Q, A> void stream(
            Effect effect, String address, MethodDescriptor<Q, A> method, Q request, StreamObserver<A> caller) {
        Origin origin = Origin.current();
        if (!origin.mayBeForwarded()) {
            throw forwarder.tooManyHops(origin).toException();
        }
        PassedOnStream.pass(
                channels.to(address),
                method,
                deadline(),
                origin.forwardedBy(group.selfId()),
                request,
                (ServerCallStreamObserver<A>) caller,
                status -> broken(effect, address, status));
    }

    /**
     * One request, and what comes back, for a call that is not answered by that alone. Goes on when the caller goes away.
     *
     * @param origin of the call that this is for
     * @param each given every answer
     */
    <Q, A> CompletableFuture<Void> relay(
            String address, Origin origin, MethodDescriptor<Q, A> method, Q request, Consumer<A> each) {
        if (!origin.mayBeForwarded()) {
            throw forwarder.tooManyHops(origin).toException();
        }
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Channel channel = ClientInterceptors.intercept(
                channels.to(address), MetadataUtils.newAttachHeadersInterceptor(origin.forwardedBy(group.selfId())));
        StreamObserver<A> answers = new StreamObserver<>() {
            @Override
            public void onNext(A answer) {
                each.accept(answer);
            }

            @Override
            public void onError(Throwable failure) {
                ended.completeExceptionally(
                        ErrorStatus.from(failure).isPresent() ? failure : lost(address, String.valueOf(failure)));
            }

            @Override
            public void onCompleted() {
                ended.complete(null);
            }
        };
        Context.ROOT.run(() ->
                ClientCalls.asyncServerStreamingCall(channel.newCall(method, CallOptions.DEFAULT), request, answers));
        return ended;
    }

    private static StatusRuntimeException lost(String address, String why) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN,
                        "the server at " + address + " was asked, and its answer was lost: " + why
                                + ". Look at the topology before trying again.")
                .with(ErrorMetadata.ADDRESS, address)
                .with(ErrorMetadata.CAUSE, why)
                .toException();
    }

    private static CallOptions deadline() {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null ? CallOptions.DEFAULT : CallOptions.DEFAULT.withDeadline(deadline);
    }

    private static StatusRuntimeException unreachable(String address, String why) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_STOPPING,
                        "the server at " + address + " cannot be reached: " + why + ". Try again, or ask another.")
                .with(ErrorMetadata.ADDRESS, address)
                .with(ErrorMetadata.CAUSE, why)
                .toException();
    }
}
