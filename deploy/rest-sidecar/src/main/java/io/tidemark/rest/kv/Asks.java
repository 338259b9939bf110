// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import com.linecorp.armeria.common.HttpHeaderNames;
import io.netty.util.AsciiString;
import io.tidemark.api.ProtoTimes;
import io.tidemark.api.SessionToken;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ReadOptionsOrBuilder;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.WhenUnmet;
import io.tidemark.rest.http.CacheControl;
import io.tidemark.rest.http.Durations;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.routing.Exchange;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a request asks of freshness: its query parameters, {@code Tidemark-Read}, {@code Cache-Control} and its session; and what is
 * asked where none of them says anything.
 *
 * @param maxStaleness of reads that do not say
 */
public record Asks(Sessions sessions, Duration maxStaleness) {

    /** The header with the finer asks. */
    public static final AsciiString HEADER = HttpHeaderNames.of("tidemark-read");

    private static final Duration LONGEST = Duration.ofDays(1000);

    private static final String EXPECTED =
            "linearizable, eventual, max-staleness=250ms, max-lag=10, min-index=5, history=..., as-of=5,"
                    + " as-of-time=2026-01-02T03:04:05Z, max-wait=100ms, serve-unmet";

    /**
     * What a request asks for.
     *
     * @param inQuery what its parameters or its body say
     */
    public ReadOptions of(Exchange exchange, ReadOptions inQuery) {
        return of(exchange, inQuery.toBuilder(), exchange.joined(HEADER));
    }

    /**
     * What a request asks for whose route has asks of its own.
     *
     * @param usual what it asks where the request says nothing else
     */
    public ReadOptions ofRoute(Exchange exchange, ReadOptions usual) {
        String header = exchange.joined(HEADER);
        // A state of the past cannot be kept within the route's bounds, and these are not what its caller said.
        boolean past = header != null && isPast(parse(header));
        return of(exchange, past ? ReadOptions.newBuilder() : usual.toBuilder(), header);
    }

    /**
     * How stale the answer to a request may be for whoever asks the same; empty: it says nothing of that.
     *
     * @param stated what its parameters say, or what its route asks
     */
    Optional<Duration> bound(Exchange exchange, ReadOptions stated) {
        ReadOptions.Builder options = stated.toBuilder();
        String header = exchange.joined(HEADER);
        if (header != null) {
            apply(header, options);
        }
        if (options.getStrength() == Strength.STRENGTH_LINEARIZABLE || options.hasMaxLag()) {
            return Optional.of(Duration.ZERO);
        }
        return options.hasMaxStaleness() && !isPast(options) ? Optional.of(duration(options)) : Optional.empty();
    }

    private ReadOptions of(Exchange exchange, ReadOptions.Builder options, @Nullable String header) {
        if (header != null) {
            apply(header, options);
        }
        cacheControl(options, CacheControl.parse(exchange.joined(HttpHeaderNames.CACHE_CONTROL)));
        boolean says = options.getAtCase() != ReadOptions.AtCase.AT_NOT_SET
                || options.hasMaxStaleness()
                || options.hasMaxLag();
        if (!says) {
            options.setStrength(Strength.STRENGTH_EVENTUAL).setMaxStaleness(ProtoTimes.duration(maxStaleness));
        }
        session(exchange, options);
        return inBounds(options).build();
    }

    private void session(Exchange exchange, ReadOptions.Builder options) {
        List<SessionToken> tokens = sessions.tokens(exchange);
        if (sessions.isByCookie(exchange) && isPast(options)) {
            // A page does not see its cookie, so it cannot mean that the past should cover what the cookie has seen.
            tokens.stream()
                    .filter(token -> !options.hasHistoryId())
                    .forEach(token -> options.setHistoryId(token.history().text()));
            return;
        }
        tokens.forEach(token -> options.addSessionTokens(token.text()));
    }

    private static boolean isPast(ReadOptionsOrBuilder options) {
        return options.hasAsOfIndex() || options.hasAsOfTime();
    }

    /** What goes beyond any process's life would only be too large to count with. */
    private static ReadOptions.Builder inBounds(ReadOptions.Builder options) {
        if (options.getMinIndex() < 0) {
            throw bad("min-index=" + options.getMinIndex());
        }
        if (options.hasMaxStaleness() && duration(options).compareTo(LONGEST) > 0) {
            options.setMaxStaleness(ProtoTimes.duration(LONGEST));
        }
        if (options.hasMaxWait() && ProtoTimes.duration(options.getMaxWait()).compareTo(LONGEST) > 0) {
            options.setMaxWait(ProtoTimes.duration(LONGEST));
        }
        return options;
    }

    /** What such a header says. */
    public static ReadOptions parse(String directives) {
        ReadOptions.Builder options = ReadOptions.newBuilder();
        apply(directives, options);
        return options.build();
    }

    private static void apply(String directives, ReadOptions.Builder options) {
        for (String directive : directives.split(",", -1)) {
            apply(options, directive.strip());
        }
    }

    private static void cacheControl(ReadOptions.Builder options, CacheControl cache) {
        if (isPast(options)) {
            // A state of the past is what it is.
            return;
        }
        Duration maxAge = cache.maxAge();
        if (cache.noCache()) {
            options.setStrength(Strength.STRENGTH_LINEARIZABLE);
        } else if (maxAge != null && (!options.hasMaxStaleness() || maxAge.compareTo(duration(options)) < 0)) {
            options.setMaxStaleness(ProtoTimes.duration(maxAge));
        }
    }

    private static void apply(ReadOptions.Builder options, String directive) {
        int equals = directive.indexOf('=');
        String name = equals < 0 ? directive : directive.substring(0, equals);
        String value = equals < 0 ? "" : directive.substring(equals + 1);
        switch (name) {
            case "linearizable" -> options.setStrength(Strength.STRENGTH_LINEARIZABLE);
            case "eventual" -> options.setStrength(Strength.STRENGTH_EVENTUAL);
            case "max-staleness" ->
                options.setMaxStaleness(ProtoTimes.duration(Durations.parse("Tidemark-Read", value)));
            case "max-lag" -> options.setMaxLag(number(value));
            case "min-index" -> options.setMinIndex(number(value));
            case "history" -> options.setHistoryId(value);
            case "as-of" -> options.setAsOfIndex(number(value));
            case "as-of-time" -> options.setAsOfTime(time(value));
            case "max-wait" -> options.setMaxWait(ProtoTimes.duration(Durations.parse("Tidemark-Read", value)));
            case "serve-unmet" -> options.setWhenUnmet(WhenUnmet.WHEN_UNMET_SERVE);
            default -> throw bad(directive);
        }
    }

    private static long number(String text) {
        if (!text.matches("[0-9]{1,18}")) {
            throw bad(text);
        }
        return Long.parseLong(text);
    }

    private static Timestamp time(String text) {
        try {
            return Timestamps.parse(text);
        } catch (ParseException | IllegalArgumentException e) {
            throw bad(text);
        }
    }

    private static RuntimeException bad(String what) {
        return Problem.invalid("Tidemark-Read", "Tidemark-Read: '" + what + "' (expected: some of " + EXPECTED + ")")
                .toException();
    }

    private static Duration duration(ReadOptions.Builder options) {
        return ProtoTimes.duration(options.getMaxStaleness());
    }

    /** What answers differ by, for caches: whoever has seen more must not be given what was kept for others. */
    public String vary() {
        return "Accept, Tidemark-Read, Tidemark-Session" + (sessions.cookie().isEmpty() ? "" : ", Cookie");
    }
}
