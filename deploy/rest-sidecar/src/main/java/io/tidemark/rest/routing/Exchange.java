// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.routing;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.util.AsciiString;
import io.tidemark.api.NearestName;
import io.tidemark.rest.http.Durations;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Target;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request, whole, and where it came in.
 *
 * @param variables of the path
 * @param deadlines how long a call may take
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares requests.
public record Exchange(
        ServiceRequestContext context,
        RequestHeaders headers,
        Target target,
        Map<String, String> variables,
        byte[] body,
        Deadlines deadlines) {

    /** The header that says how long a call may take. */
    public static final AsciiString TIMEOUT = HttpHeaderNames.of("tidemark-timeout");

    /** How long a call may take that does not say, and how long at most. */
    public record Deadlines(Duration usual, Duration max) {}

    /** A variable of the path, which has it. */
    public String variable(String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalStateException("path variable " + name + " (expected: one of " + variables.keySet() + ")");
        }
        return value;
    }

    /** A header that may stand once. */
    public @Nullable String header(CharSequence name) {
        List<String> values = headers.getAll(name);
        if (values.size() > 1) {
            throw Problem.invalid(name.toString(), name + ": given " + values.size() + " times (expected: once)")
                    .toException();
        }
        return values.isEmpty() ? null : values.get(0);
    }

    /** All that a header says that may stand several times. */
    public @Nullable String joined(CharSequence name) {
        List<String> values = headers.getAll(name);
        return values.isEmpty() ? null : String.join(",", values);
    }

    /** The media type of the body, without parameters; empty: it is not told. */
    public String mediaType() {
        String value = header(HttpHeaderNames.CONTENT_TYPE);
        if (value == null) {
            return "";
        }
        int end = value.indexOf(';');
        return (end < 0 ? value : value.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }

    /**
     * The body of a request that must be JSON, and say so: pages of others may send what says nothing, or that it is text, from any
     * browser without asking.
     */
    public byte[] jsonBody() {
        String type = mediaType();
        if (!type.equals("application/json") && !type.endsWith("+json")) {
            throw Problem.of(415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type: '" + type + "' (expected: application/json)")
                    .toException();
        }
        return body;
    }

    /** How long the call may take. */
    public Duration deadline() {
        String asked = header(TIMEOUT);
        if (asked == null) {
            return deadlines.usual();
        }
        Duration duration = Durations.parse("Tidemark-Timeout", asked);
        if (duration.isZero() || duration.compareTo(deadlines.max()) > 0) {
            throw Problem.invalid(
                            "Tidemark-Timeout",
                            "Tidemark-Timeout: " + asked + " (expected: above 0, at most "
                                    + deadlines.max().toMillis() + "ms)")
                    .toException();
        }
        return duration;
    }

    /** Refuses every query parameter but these. */
    public void allowParameters(List<String> known) {
        target.query().forEach((name, values) -> {
            if (!known.contains(name)) {
                throw Problem.invalid(
                                name,
                                "query parameter '" + name + "': unknown (" + NearestName.suggestion(name, known) + ")")
                        .toException();
            }
            if (values.size() > 1) {
                throw Problem.invalid(name, "query parameter '" + name + "': given more than once")
                        .toException();
            }
        });
    }

    /** A query parameter; null: it is not there. */
    public @Nullable String parameter(String name) {
        List<String> values = target.query().get(name);
        return values == null ? null : values.get(0);
    }
}
