// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.opentelemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.tidemark.client.ClientObserver;
import io.tidemark.client.Header;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Traces of a client, by OpenTelemetry: a span for each call, with what it asked for and what came, and below it one for each message to a
 * server, whose context travels along. A message that carries several calls belongs to the first of them.
 *
 * <!-- snippet opentelemetry -->
 * <pre>{@code
 * TidemarkClient client = TidemarkClient.builder()
 *         .endpoints("127.0.0.1:7400")
 *         .observer(new OpenTelemetryObserver(openTelemetry))
 *         .build();
 * }</pre>
 */
public final class OpenTelemetryObserver implements ClientObserver {

    private final Tracer tracer;
    private final TextMapPropagator propagator;

    /** By its tracers and propagators. */
    public OpenTelemetryObserver(OpenTelemetry openTelemetry) {
        Objects.requireNonNull(openTelemetry, "openTelemetry");
        this.tracer = openTelemetry.getTracer("io.tidemark.client");
        this.propagator = openTelemetry.getPropagators().getTextMapPropagator();
    }

    /** A call's span, and the context that it began in: baggage travels with it. */
    private record Begun(Span span, Context context) {}

    @Override
    public Object callBegins(CallName call) {
        Context context = Context.current();
        Span span = tracer.spanBuilder("tidemark " + call.method())
                .setSpanKind(SpanKind.INTERNAL)
                .setAttribute("tidemark.method", call.method())
                .setAttribute("tidemark.consistency", call.consistency())
                .startSpan();
        return new Begun(span, context.with(span));
    }

    @Override
    public void callEnded(@Nullable Object begun, CallEnd end) {
        if (!(begun instanceof Begun call)) {
            return;
        }
        Span span = call.span();
        span.setAttribute("tidemark.outcome", end.outcome());
        Header header = end.header();
        if (header != null) {
            span.setAttribute("tidemark.index", header.index());
            span.setAttribute("tidemark.served_by", header.servedBy().id());
            header.stalenessOnArrival()
                    .ifPresent(proven -> span.setAttribute("tidemark.staleness_ms", proven.toMillis()));
        }
        Throwable failure = end.failure();
        if (failure != null) {
            span.setStatus(StatusCode.ERROR, end.outcome());
            span.recordException(failure);
        }
        span.end();
    }

    @Override
    public Object attemptBegins(@Nullable Object begun, Sent sent, BiConsumer<String, String> headers) {
        Context parent = begun instanceof Begun call ? call.context() : Context.root();
        int slash = sent.rpc().indexOf('/');
        Span attempt = tracer.spanBuilder(sent.rpc())
                .setParent(parent)
                .setSpanKind(SpanKind.CLIENT)
                .setAttribute("rpc.system", "grpc")
                .setAttribute("rpc.service", sent.rpc().substring(0, Math.max(slash, 0)))
                .setAttribute("rpc.method", sent.rpc().substring(slash + 1))
                .setAttribute("server.address", sent.address())
                .setAttribute("tidemark.calls", sent.calls())
                .startSpan();
        propagator.inject(parent.with(attempt), headers, (to, name, value) -> {
            if (to != null) {
                to.accept(name, value);
            }
        });
        return attempt;
    }

    @Override
    public void attemptEnded(@Nullable Object attempt, Sent sent, Duration took, @Nullable String failure) {
        if (attempt instanceof Span span) {
            if (failure != null) {
                span.setStatus(StatusCode.ERROR, failure);
            }
            span.end();
        }
    }
}
