// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.forward;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Passes a call on to another server, whole, with what is left of its deadline, its hops and its caller. */
public final class Forwarder {

    private final String serverId;
    private final Channels channels;

    /** @param serverId this server's, which the next one is told */
    public Forwarder(String serverId, Channels channels) {
        this.serverId = serverId;
        this.channels = channels;
    }

    /**
     * Sends one request in the current gRPC context: it ends with that, and its {@link Origin} travels along.
     *
     * @param address of the other server's internal port, host:port
     * @param timeout how long it may take in all
     */
    public <Q, A> ForwardedCall<A> call(String address, MethodDescriptor<Q, A> method, Q request, Duration timeout) {
        Origin origin = Origin.current();
        if (!origin.mayBeForwarded()) {
            return ForwardedCall.refused(tooManyHops(origin));
        }
        ForwardedCall<A> call = new ForwardedCall<>();
        CompletableFuture<ForwardOutcome<A>> unused = call.outcome().whenComplete((outcome, failure) -> {
            if (outcome instanceof ForwardOutcome.NotSent) {
                channels.notSent(address);
            }
        });
        CallOptions options = CallOptions.DEFAULT
                .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .withStreamTracerFactory(call.tracing());
        try {
            Channel channel = ClientInterceptors.intercept(
                    channels.to(address), MetadataUtils.newAttachHeadersInterceptor(origin.forwardedBy(serverId)));
            ClientCalls.asyncUnaryCall(channel.newCall(method, options), request, call.observer());
        } catch (StatusRuntimeException e) {
            call.outcome().complete(call.failed(e));
        } catch (RuntimeException e) {
            call.outcome()
                    .complete(call.failed(Status.INTERNAL
                            .withDescription("cannot be forwarded: " + e)
                            .withCause(e)
                            .asRuntimeException()));
        }
        return call;
    }

    /** The call came too far to go on. */
    public ErrorStatus tooManyHops(Origin origin) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_TOO_MANY_HOPS,
                        "forwarded " + origin.hops() + " times (at most " + Origin.HOPS_MAX + "), last to " + serverId
                                + ", which cannot answer: the routing is in motion. Try again.")
                .with(ErrorMetadata.HOPS, origin.hops())
                .with(ErrorMetadata.LIMIT, Origin.HOPS_MAX)
                .with(ErrorMetadata.SERVED_BY, serverId)
                .build();
    }
}
