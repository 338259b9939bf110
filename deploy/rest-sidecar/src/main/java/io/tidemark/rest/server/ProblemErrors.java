// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ShuttingDownException;
import com.linecorp.armeria.common.logging.RequestLogProperty;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.ProblemException;
import io.tidemark.rest.http.Problems;
import io.tidemark.rest.http.Responses;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes problems of what the HTTP server itself refuses, which would be plain text. */
final class ProblemErrors implements ServerErrorHandler {

    @Override
    public HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
        Throwable why =
                cause instanceof HttpStatusException status && status.getCause() != null ? status.getCause() : cause;
        if (why instanceof RequestTimeoutException && context.log().isAvailable(RequestLogProperty.REQUEST_END_TIME)) {
            return Responses.of(Problem.of(503, "REQUEST_TIMEOUT", "the request was not answered in time")
                            .withRetryAfter(Duration.ofSeconds(1)))
                    .toHttpResponse();
        }
        if (why instanceof ShuttingDownException) {
            return Responses.of(Problem.of(503, "STOPPING", "the sidecar stops; send it elsewhere")
                            .withRetryAfter(Duration.ofSeconds(1)))
                    .toHttpResponse();
        }
        return Responses.of(ofUnread(why).orElseGet(() -> Problems.of(cause))).toHttpResponse();
    }

    /** Of a request that could not be read to its end, whoever cut it short; empty: it is nothing of that. */
    static Optional<Problem> ofUnread(Throwable cause) {
        if (cause instanceof ContentTooLargeException tooLarge) {
            return Optional.of(Problem.of(
                    413,
                    "TOO_LARGE",
                    "body: larger than " + tooLarge.maxContentLength() + " bytes (limit: rest.max-body-bytes)"));
        }
        if (cause instanceof RequestTimeoutException) {
            return Optional.of(Problem.of(408, "REQUEST_TIMEOUT", "the request did not arrive whole in time"));
        }
        return cause instanceof HttpStatusException status
                ? Optional.of(of(status.httpStatus(), null))
                : Optional.empty();
    }

    @Override
    public AggregatedHttpResponse onProtocolViolation(
            ServiceConfig config,
            @Nullable RequestHeaders headers,
            HttpStatus status,
            @Nullable String description,
            @Nullable Throwable cause) {
        return Responses.of(cause instanceof ProblemException known ? known.problem() : of(status, description));
    }

    @Override
    public AggregatedHttpResponse renderStatus(
            @Nullable ServiceRequestContext context,
            ServiceConfig config,
            @Nullable RequestHeaders headers,
            HttpStatus status,
            @Nullable String description,
            @Nullable Throwable cause) {
        return Responses.of(of(status, description));
    }

    private static Problem of(HttpStatus status, @Nullable String description) {
        String reason = status.reasonPhrase().toUpperCase(Locale.ROOT).replaceAll("[^A-Z]+", "_");
        String detail = description == null ? status.reasonPhrase() : description;
        return Problem.of(
                status.code(), reason, detail.toLowerCase(Locale.ROOT) + " (expected: HTTP as RFC 9110 has it)");
    }
}
