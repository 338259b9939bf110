// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.http;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import java.time.Duration;

/** Answers, whole. */
public final class Responses {

    public static final MediaType PROBLEM_JSON = MediaType.parse("application/problem+json");

    /** A problem's reason, for those who see no body: callers of {@code HEAD}, and proxies. */
    public static final String REASON = "tidemark-reason";

    private Responses() {}

    /** A problem. */
    public static AggregatedHttpResponse of(Problem problem) {
        return of(problem, HttpHeaders.of());
    }

    /** A problem, with what else is known. */
    public static AggregatedHttpResponse of(Problem problem, HttpHeaders more) {
        ResponseHeadersBuilder headers = ResponseHeaders.builder(HttpStatus.valueOf(problem.status()))
                .contentType(PROBLEM_JSON)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(REASON, problem.reason())
                .set(more);
        Duration retryAfter = problem.retryAfter();
        if (retryAfter != null) {
            headers.set(
                    HttpHeaderNames.RETRY_AFTER, Long.toString(Math.max(1, Durations.secondsRoundedUp(retryAfter))));
        }
        return AggregatedHttpResponse.of(headers.build(), HttpData.ofUtf8(problem.toJson()));
    }

    /** A JSON document that nobody keeps. */
    public static AggregatedHttpResponse json(int status, String json, HttpHeaders more) {
        ResponseHeaders headers = ResponseHeaders.builder(HttpStatus.valueOf(status))
                .contentType(MediaType.JSON)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(more)
                .build();
        return AggregatedHttpResponse.of(headers, HttpData.ofUtf8(json));
    }

    /** No body. */
    public static AggregatedHttpResponse empty(int status, HttpHeaders more) {
        ResponseHeaders headers = ResponseHeaders.builder(HttpStatus.valueOf(status))
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(more)
                .build();
        return AggregatedHttpResponse.of(headers);
    }
}
