// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.ExchangeType;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpHeadersBuilder;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.logging.RequestLogProperty;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.RoutingContext;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.ProblemException;
import io.tidemark.rest.http.Problems;
import io.tidemark.rest.http.Responses;
import io.tidemark.rest.http.Target;
import io.tidemark.rest.kv.RowWrites;
import io.tidemark.rest.kv.Sessions;
import io.tidemark.rest.routing.Exchange;
import io.tidemark.rest.routing.Route;
import io.tidemark.rest.routing.Router;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where every request comes in: its target is taken from what was sent, its route found, and it is let in or turned away. Whatever goes
 * wrong is a problem.
 */
final class Front implements HttpService {

    private final Router router;
    private final Sessions sessions;
    private final Exchange.Deadlines deadlines;
    private final int requestsMax;
    private final Bodies bodies;
    private final Unread unread;
    private final RequestMetrics metrics;
    private final AtomicInteger underWay = new AtomicInteger();

    Front(
            Router router,
            Sessions sessions,
            Exchange.Deadlines deadlines,
            int requestsMax,
            Bodies bodies,
            Unread unread,
            RequestMetrics metrics) {
        this.router = router;
        this.sessions = sessions;
        this.deadlines = deadlines;
        this.requestsMax = requestsMax;
        this.bodies = bodies;
        this.unread = unread;
        this.metrics = metrics;
    }

    /** How many requests are not answered yet. */
    int underWay() {
        return underWay.get();
    }

    /** Armeria would remember the first spelling of a path for all that it mends to the same. */
    @Override
    public boolean shouldCachePath(String path, @Nullable String query, com.linecorp.armeria.server.Route route) {
        return false;
    }

    /** What is no stream is sent as a whole, which takes less. A key that looks like one of these routes only costs that. */
    @Override
    public ExchangeType exchangeType(RoutingContext context) {
        String path = context.path();
        return path.contains("watch") || path.contains(":stream")
                ? ExchangeType.BIDI_STREAMING
                : ExchangeType.REQUEST_STREAMING;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) {
        long began = System.nanoTime();
        try {
            Target target = Target.parse(context.rawPath());
            if (request.method() == HttpMethod.OPTIONS) {
                return counted(context, null, began, options(target));
            }
            refuseEncoding(request.headers());
            Router.Match match = router.find(request.method(), target);
            Route route = match.route();
            if (unread.isFull()) {
                return counted(context, route, began, failed(unread.busy()));
            }
            if (underWay.incrementAndGet() > requestsMax) {
                underWay.decrementAndGet();
                return counted(context, route, began, failed(busy()));
            }
            Bodies.Body body = bodies.read(context, request);
            CompletionStage<HttpResponse> answered = body.whole()
                    .handle((whole, failure) -> failure == null
                            ? answer(context, request.headers(), whole, target, match)
                            : CompletableFuture.completedFuture(unread(failure)))
                    .thenCompose(Function.identity())
                    .exceptionally(Front::failed);
            HttpResponse response = HttpResponse.of(answered);
            // Work goes on where a caller is gone, and an answer takes room until it is sent: a request ends with the
            // later of both.
            CompletionStage<?> ended = route.handler().lasting()
                    ? answered
                    : context.log().whenComplete().thenCompose(sent -> answered);
            var unused = ended.whenComplete((done, failure) -> {
                body.release();
                underWay.decrementAndGet();
            });
            return counted(context, route, began, forgetting(request.headers(), response));
        } catch (RuntimeException e) {
            return counted(context, null, began, failed(e));
        }
    }

    private CompletionStage<HttpResponse> answer(
            ServiceRequestContext context, RequestHeaders headers, byte[] body, Target target, Router.Match match) {
        try {
            return match.route()
                    .handler()
                    .handle(new Exchange(context, headers, target, match.variables(), body, deadlines));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private HttpResponse options(Target target) {
        Set<String> allowed = router.allowed(target);
        if (allowed.isEmpty()) {
            return failed(Problem.of(404, "NO_SUCH_ROUTE", target.path() + ": there is nothing")
                    .toException());
        }
        HttpHeadersBuilder headers = HttpHeaders.builder().set(HttpHeaderNames.ALLOW, String.join(", ", allowed));
        if (allowed.contains(HttpMethod.PATCH.name())) {
            String name = router.find(HttpMethod.PATCH, target).route().name();
            // A table is changed by a message that says what of it, and not by a merge patch.
            headers.set(
                    HttpHeaderNames.ACCEPT_PATCH,
                    name.equals("Cluster/UpdateTable") ? "application/json" : RowWrites.MERGE_PATCH);
        }
        return Responses.empty(204, headers.build()).toHttpResponse();
    }

    /** A browser would send the session of a history that is over with each request, and be refused each time. */
    private HttpResponse forgetting(RequestHeaders request, HttpResponse response) {
        String dropped = sessions.dropped(request);
        return dropped == null
                ? response
                : response.mapHeaders(headers -> headers.contains(Responses.REASON, "HISTORY_CHANGED")
                        ? headers.toBuilder()
                                .set(HttpHeaderNames.SET_COOKIE, dropped)
                                .build()
                        : headers);
    }

    /** Of what was sent: to look into the answer itself would make a stream of one that is whole. */
    private HttpResponse counted(
            ServiceRequestContext context, @Nullable Route route, long began, HttpResponse response) {
        var unused = context.log()
                .whenAvailable(RequestLogProperty.RESPONSE_HEADERS)
                .thenAccept(log -> {
                    metrics.answered(route, Sent.status(log), System.nanoTime() - began);
                    unread.hold(context, log.responseHeaders());
                });
        return response;
    }

    private static HttpResponse failed(Throwable failure) {
        if (failure instanceof Router.MethodNotAllowed method) {
            return Responses.of(method.problem(), HttpHeaders.of(HttpHeaderNames.ALLOW, method.allowed()))
                    .toHttpResponse();
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return Responses.of(Problems.of(cause)).toHttpResponse();
    }

    /** Whoever sent it went away, or sent what is no request, or more than there is room for: it is not for the sidecar to mend. */
    private static HttpResponse unread(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        Problem problem = cause instanceof ProblemException known
                ? known.problem()
                : ProblemErrors.ofUnread(cause).orElseGet(() -> Problems.hungUp(cause));
        return Responses.of(problem).toHttpResponse();
    }

    private RuntimeException busy() {
        return Problem.of(
                        503,
                        "SIDECAR_BUSY",
                        "the sidecar has " + requestsMax + " requests under way already (limit: rest.max-requests)")
                .withRetryAfter(Duration.ofSeconds(1))
                .toException();
    }

    /** A body that is packed may be a thousand times as large as its limit says. */
    private static void refuseEncoding(RequestHeaders headers) {
        String encoding = headers.get(HttpHeaderNames.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw Problem.of(
                            415,
                            "UNSUPPORTED_MEDIA_TYPE",
                            "Content-Encoding: '" + encoding + "' (expected: the body as it is)")
                    .toException();
        }
    }
}
