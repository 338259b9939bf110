// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.UnaryAnswer;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.ForwardOutcome;
import io.tidemark.server.forward.ForwardedCall;
import io.tidemark.server.forward.Forwarder;
import io.tidemark.server.forward.Origin;
import io.tidemark.server.forward.PassedOnStream;
import io.tidemark.server.time.Ticker;
import io.tidemark.store.Shards;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Passes calls on: reads of some shards to a replica that serves them, all else to raft nodes; to the next one only where nothing can
 * have been done by the last. For any thread.
 */
public final class PassingOn {

    /** For who gave no deadline. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** What a call may do at a node. */
    public enum Effect {
        /** It may be sent again, to whomever. */
        NONE,
        /** When its answer is lost it may have been done. */
        CHANGE
    }

    private final String serverId;
    private final KnownTopology topology;
    private final Forwarder forwarder;
    private final Channels channels;
    private final LostServers lostServers;
    private final LongAdder passed = new LongAdder();

    public PassingOn(String serverId, KnownTopology topology, Forwarder forwarder, Channels channels, Ticker ticker) {
        this.serverId = serverId;
        this.topology = topology;
        this.forwarder = forwarder;
        this.channels = channels;
        this.lostServers = new LostServers(ticker);
    }

    /** How many calls were passed on. */
    public long count() {
        return passed.sum();
    }

    /** One request, one answer, of a raft node. */
    <Q, A> CompletableFuture<A> unary(Effect effect, MethodDescriptor<Q, A> method, Q request) {
        return unary(effect, method, request, Optional.empty());
    }

    private <Q, A> CompletableFuture<A> unary(
            Effect effect, MethodDescriptor<Q, A> method, Q request, Optional<String> replica) {
        passed.increment();
        Attempts<Q, A> attempts = new Attempts<>(effect, method, request, nodes(effect), replica);
        attempts.next();
        return attempts.result;
    }

    /** Reads these shards at a replica that serves them, or else at a node. What came from a replica goes to a node. */
    <Q, A> void read(Shards shards, MethodDescriptor<Q, A> method, Q request, StreamObserver<A> caller) {
        Optional<String> replica =
                Origin.current().hops() == 0 && !shards.isEmpty() ? topology.replicaFor(shards) : Optional.empty();
        Calls.answer(caller, () -> unary(Effect.NONE, method, request, replica));
    }

    <Q, A> void unary(Effect effect, MethodDescriptor<Q, A> method, Q request, StreamObserver<A> caller) {
        Calls.answer(caller, () -> unary(effect, method, request));
    }

    /** The same once the thread is another one, where the call's own context is no longer the current one. */
    <Q, A> void unaryLater(Context context, MethodDescriptor<Q, A> method, Q request, UnaryAnswer<A> answer) {
        context.run(() -> {
            CompletableFuture<A> unused = unary(Effect.NONE, method, request).whenComplete((value, failure) -> {
                if (failure == null) {
                    answer.succeed(value);
                } else {
                    answer.fail(failure);
                }
            });
        });
    }

    private List<String> nodes(Effect effect) {
        return lostServers.last(effect == Effect.CHANGE ? topology.nodesForWrites() : topology.nodesForReads());
    }

    /** One node after the other, in the context and within the time of the call. */
    private final class Attempts<Q, A> {
        private final Effect effect;
        private final MethodDescriptor<Q, A> method;
        private final Q request;
        private final List<String> servers;
        private final Context context = Context.current();
        private final Deadline deadline;
        private final CompletableFuture<A> result = new CompletableFuture<>();
        private volatile @Nullable ForwardedCall<A> underWay;
        private final boolean isReplicaFirst;
        private int tried;

        Attempts(
                Effect effect, MethodDescriptor<Q, A> method, Q request, List<String> nodes, Optional<String> replica) {
            this.effect = effect;
            this.method = method;
            this.request = request;
            this.isReplicaFirst = replica.isPresent();
            this.servers = Stream.concat(replica.stream(), nodes.stream()).toList();
            Deadline given = context.getDeadline();
            this.deadline = given != null ? given : Deadline.after(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
            CompletableFuture<A> unused = result.whenComplete((answer, failure) -> {
                ForwardedCall<A> call = underWay;
                if (call != null && result.isCancelled()) {
                    call.cancel();
                }
            });
        }

        void next() {
            if (tried >= servers.size()) {
                result.completeExceptionally(unreachable("none of " + servers + " could be asked"));
                return;
            }
            String address = servers.get(tried);
            // A replica that hangs is known to only when its silence has lasted: a node must still have time.
            int share = isReplicaFirst && tried == 0 ? 2 : 1;
            tried++;
            long left = Math.max(1, deadline.timeRemaining(TimeUnit.NANOSECONDS) / share);
            context.run(() -> {
                ForwardedCall<A> call = forwarder.call(address, method, request, Duration.ofNanos(left));
                underWay = call;
                CompletableFuture<Void> unused = call.outcome().thenAccept(outcome -> ended(address, outcome));
            });
        }

        private void ended(String address, ForwardOutcome<A> outcome) {
            if (outcome instanceof ForwardOutcome.Answered<A> answered) {
                lostServers.answered(address);
                result.complete(answered.answer());
            } else if (outcome instanceof ForwardOutcome.Refused<A> refused) {
                if (mayTryNext() && isElsewhere(refused.error())) {
                    next();
                } else {
                    result.completeExceptionally(refused.toException());
                }
            } else if (outcome instanceof ForwardOutcome.NotSent<A> notSent) {
                lostServers.lost(address);
                if (mayTryNext()) {
                    next();
                } else {
                    result.completeExceptionally(
                            unreachable(address + " cannot be reached, " + text(notSent.status())));
                }
            } else if (outcome instanceof ForwardOutcome.Lost<A> lost) {
                noteLost(address, lost.status());
                if (effect == Effect.NONE && mayTryNext()) {
                    next();
                } else {
                    result.completeExceptionally(lost(effect, address, lost.status()));
                }
            }
        }

        private boolean mayTryNext() {
            return tried < servers.size() && !deadline.isExpired() && !result.isDone();
        }

        /** What another server may know better; nothing was done. */
        private boolean isElsewhere(ErrorStatus error) {
            return switch (error.reason()) {
                case ERROR_REASON_STOPPING,
                        ERROR_REASON_NOT_LEADER,
                        ERROR_REASON_SHARD_UNAVAILABLE,
                        ERROR_REASON_TOO_MANY_HOPS -> true;
                // With part of the time that there is.
                case ERROR_REASON_DEADLINE_PASSED, ERROR_REASON_OVERLOADED -> isReplicaFirst && tried == 1;
                default -> false;
            };
        }
    }

    /** One request, a stream of answers. */
    <Q, A> void stream(MethodDescriptor<Q, A> method, Q request, StreamObserver<A> caller) {
        stream(Effect.NONE, method, request, caller);
    }

    <Q, A> void stream(Effect effect, MethodDescriptor<Q, A> method, Q request, StreamObserver<A> caller) {
        passed.increment();
        Origin origin = Origin.current();
        if (!origin.mayBeForwarded()) {
            throw forwarder.tooManyHops(origin).toException();
        }
        List<String> nodes = nodes(effect);
        if (nodes.isEmpty()) {
            throw unreachable("no node is known");
        }
        String address = nodes.get(0);
        Deadline given = Context.current().getDeadline();
        PassedOnStream.pass(
                channels.to(address),
                method,
                given == null ? CallOptions.DEFAULT : CallOptions.DEFAULT.withDeadline(given),
                origin.forwardedBy(serverId),
                request,
                (ServerCallStreamObserver<A>) caller,
                status -> {
                    channels.notSent(address);
                    noteLost(address, status);
                    return lost(effect, address, status);
                });
    }

    /** Who was only too slow for this caller is not lost. */
    private void noteLost(String address, Status status) {
        if (status.getCode() == Status.Code.UNAVAILABLE) {
            lostServers.lost(address);
        }
    }

    private StatusRuntimeException lost(Effect effect, String address, Status status) {
        if (effect == Effect.NONE) {
            return unreachable(address + " was asked, and its answer was lost, " + text(status));
        }
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN,
                        "replica " + serverId + " passed the call on to " + address + ", and its answer was lost: "
                                + status + ". It may have been done, or not.")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.ADDRESS, address)
                .toException();
    }

    /** Without what only a programmer could read. */
    private static String text(Status status) {
        String description = status.getDescription();
        return description == null ? status.getCode().name() : status.getCode() + ": " + description;
    }

    private StatusRuntimeException unreachable(String why) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_STOPPING,
                        "replica " + serverId + " cannot answer this by itself, and no other server could: " + why
                                + ". Nothing was done; try again, or ask another server.")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .toException();
    }
}
