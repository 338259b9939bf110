// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.metrics;

import com.google.rpc.ErrorInfo;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.micrometer.core.instrument.MeterRegistry;
import io.tidemark.api.ErrorReasons;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Counts and times the calls of a port. A tracer of streams sees each one from its beginning to its end, however it ends, with
 * the bytes that were on the wire; an interceptor sees why one failed, which gRPC does not tell tracers. Meters are made when
 * the port opens: a call finds its method's by one look-up, and a name that a caller made up finds those of no method.
 */
public final class CallMetrics {

    private final Map<String, MethodMeters> byMethod;
    private final MethodMeters unknown;

    /** @param port "client" or "internal" */
    public CallMetrics(MeterRegistry registry, String port, List<ServerServiceDefinition> services) {
        this.byMethod = services.stream()
                .flatMap(service -> service.getMethods().stream())
                .map(method -> method.getMethodDescriptor())
                .collect(Collectors.toUnmodifiableMap(
                        MethodDescriptor::getFullMethodName,
                        method -> new MethodMeters(
                                registry,
                                port,
                                String.valueOf(method.getServiceName()),
                                String.valueOf(method.getBareMethodName()))));
        this.unknown = new MethodMeters(registry, port, "unknown", "unknown");
    }

    /** For the server. */
    public ServerStreamTracer.Factory tracers() {
        return new ServerStreamTracer.Factory() {
            @Override
            public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
                return new CallTracer(meters(fullMethodName));
            }
        };
    }

    /** For every service. */
    public ServerInterceptor reasons() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                return next.startCall(
                        new SimpleForwardingServerCall<>(call) {
                            @Override
                            public void close(Status status, Metadata trailers) {
                                if (!status.isOk()) {
                                    meters(getMethodDescriptor().getFullMethodName())
                                            .failed(reasonOf(status, trailers));
                                }
                                super.close(status, trailers);
                            }
                        },
                        headers);
            }
        };
    }

    /** How many calls of a service have begun and not ended. While some begin, it may be off by those. */
    public long underWay(ServerServiceDefinition service) {
        return service.getMethods().stream()
                .mapToLong(method ->
                        meters(method.getMethodDescriptor().getFullMethodName()).underWay())
                .sum();
    }

    private MethodMeters meters(String fullMethodName) {
        return byMethod.getOrDefault(fullMethodName, unknown);
    }

    /** Only reasons of ours: whatever else a status says must not become a label. */
    private static String reasonOf(Status status, Metadata trailers) {
        com.google.rpc.Status proto = StatusProto.fromStatusAndTrailers(status, trailers);
        for (com.google.protobuf.Any detail : proto.getDetailsList()) {
            if (detail.is(ErrorInfo.class)) {
                try {
                    String name = detail.unpack(ErrorInfo.class).getReason();
                    return ErrorReasons.byName(name).isPresent() ? name : MethodMeters.NO_REASON;
                } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                    return MethodMeters.NO_REASON;
                }
            }
        }
        return MethodMeters.NO_REASON;
    }

    /** One call. Called by the thread of its connection. */
    private static final class CallTracer extends ServerStreamTracer {

        private final MethodMeters meters;
        private final long began = System.nanoTime();

        CallTracer(MethodMeters meters) {
            this.meters = meters;
            meters.began();
        }

        @Override
        public void inboundWireSize(long bytes) {
            meters.received(bytes);
        }

        @Override
        public void outboundWireSize(long bytes) {
            meters.sent(bytes);
        }

        @Override
        public void streamClosed(Status status) {
            meters.ended(status.getCode(), System.nanoTime() - began);
        }
    }
}
