// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Problems;
import io.tidemark.rest.http.Responses;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes problems of what the HTTP server itself refuses, which would be plain text. */
final class ProblemErrors implements ServerErrorHandler {

    @Override
    public HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
        Throwable why =
                cause instanceof HttpStatusException status && status.getCause() != null ? status.getCause() : cause;
        if (why instanceof ContentTooLargeException tooLarge) {
            return tooLarge(tooLarge).toHttpResponse();
        }
        if (why instanceof RequestTimeoutException) {
            return Responses.of(Problem.of(
                                    503, "REQUEST_TIMEOUT", "the request did not arrive, or was not answered, in time")
                            .withRetryAfter(Duration.ofSeconds(1)))
                    .toHttpResponse();
        }
        if (cause instanceof HttpStatusException status) {
            return Responses.of(of(status.httpStatus(), null)).toHttpResponse();
        }
        return Responses.of(Problems.of(cause)).toHttpResponse();
    }

    static AggregatedHttpResponse tooLarge(ContentTooLargeException cause) {
        return Responses.of(Problem.of(
                413,
                "TOO_LARGE",
                "body: larger than " + cause.maxContentLength() + " bytes (limit: rest.max-body-bytes)"));
    }

    @Override
    public AggregatedHttpResponse onProtocolViolation(
            ServiceConfig config,
            @Nullable RequestHeaders headers,
            HttpStatus status,
            @Nullable String description,
            @Nullable Throwable cause) {
        return Responses.of(of(status, description));
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
