// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.tracing;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Contexts;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapSetter;
import org.jspecify.annotations.Nullable;

/**
 * A span for each call that a server takes, a child of the caller's (W3C {@code traceparent} unless the SDK is told otherwise);
 * and the calls that it passes on carry the span with them. It travels in the {@link io.grpc.Context}, so whoever goes on on
 * another thread takes that along.
 */
public final class CallTracing {

    private static final io.grpc.Context.Key<Context> KEY = io.grpc.Context.key("tidemark-trace");

    // The interface still has the method, so it must be there.
    @SuppressWarnings("deprecation")
    private static final TextMapGetter<Metadata> GETTER = new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Metadata headers) {
            return headers.keys();
        }

        @Override
        public @Nullable String get(@Nullable Metadata headers, String name) {
            return headers == null ? null : headers.get(header(name));
        }
    };

    private static final TextMapSetter<Metadata> SETTER = (headers, name, value) -> {
        if (headers != null) {
            headers.discardAll(header(name));
            headers.put(header(name), value);
        }
    };

    private final OpenTelemetry telemetry;
    private final Tracer tracer;

    public CallTracing(OpenTelemetry telemetry) {
        this.telemetry = telemetry;
        this.tracer = telemetry.getTracer("io.tidemark");
    }

    /** For servers. */
    public ServerInterceptor server() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                return serve(call, headers, next);
            }
        };
    }

    /** For channels to other servers. */
    public ClientInterceptor client() {
        return new ClientInterceptor() {
            @Override
            public <Q, A> ClientCall<Q, A> interceptCall(
                    MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                Context trace = KEY.get();
                ClientCall<Q, A> call = next.newCall(method, options);
                return trace == null ? call : carrying(trace, call);
            }
        };
    }

    private <Q, A> ClientCall<Q, A> carrying(Context trace, ClientCall<Q, A> call) {
        return new SimpleForwardingClientCall<>(call) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                telemetry.getPropagators().getTextMapPropagator().inject(trace, headers, SETTER);
                super.start(listener, headers);
            }
        };
    }

    private <Q, A> ServerCall.Listener<Q> serve(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        MethodDescriptor<Q, A> method = call.getMethodDescriptor();
        Context caller = telemetry.getPropagators().getTextMapPropagator().extract(Context.root(), headers, GETTER);
        Span span = tracer.spanBuilder(method.getFullMethodName())
                .setParent(caller)
                .setSpanKind(SpanKind.SERVER)
                .setAttribute("rpc.system", "grpc")
                .setAttribute("rpc.service", String.valueOf(method.getServiceName()))
                .setAttribute("rpc.method", String.valueOf(method.getBareMethodName()))
                .startSpan();
        ServerCall<Q, A> traced = new SimpleForwardingServerCall<>(call) {
            @Override
            public void close(Status status, Metadata trailers) {
                super.close(status, trailers);
                end(span, status);
            }
        };
        try {
            ServerCall.Listener<Q> listener = Contexts.interceptCall(
                    io.grpc.Context.current().withValue(KEY, caller.with(span)), traced, headers, next);
            return new SimpleForwardingServerCallListener<>(listener) {
                @Override
                public void onCancel() {
                    end(span, Status.CANCELLED);
                    super.onCancel();
                }
            };
        } catch (RuntimeException e) {
            end(span, Status.UNKNOWN);
            throw e;
        }
    }

    /** The first end counts; the SDK ignores a second. */
    private static void end(Span span, Status status) {
        span.setAttribute("rpc.grpc.status_code", status.getCode().value());
        if (!status.isOk()) {
            span.setStatus(StatusCode.ERROR, String.valueOf(status.getDescription()));
        }
        span.end();
    }

    private static Metadata.Key<String> header(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }
}
