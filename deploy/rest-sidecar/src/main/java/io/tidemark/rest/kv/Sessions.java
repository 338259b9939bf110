// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeadersBuilder;
import com.linecorp.armeria.common.RequestHeaders;
import io.netty.util.AsciiString;
import io.tidemark.api.SessionToken;
import io.tidemark.client.Session;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.routing.Exchange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sessions over HTTP: what somebody has seen travels with each request, in the header {@code Tidemark-Session} and, where that is
 * configured, a cookie.
 *
 * @param cookie its name; empty: there is none
 * @param secure whether browsers send the cookie over TLS only
 */
public record Sessions(String cookie, boolean secure) {

    /** The header. */
    public static final AsciiString HEADER = HttpHeaderNames.of("tidemark-session");

    private static final int TOKENS_MAX = 16;

    /** The tokens that a request carries; a cookie counts only where the header says nothing. */
    public List<SessionToken> tokens(Exchange exchange) {
        String header = exchange.joined(HEADER);
        if (header == null) {
            return cookie.isEmpty() ? List.of() : ofCookie(exchange);
        }
        List<SessionToken> tokens = new ArrayList<>();
        for (String text : header.split(",", -1)) {
            tokens.add(parse(text.strip()));
        }
        if (tokens.size() > TOKENS_MAX) {
            throw Problem.invalid(
                            "Tidemark-Session",
                            "Tidemark-Session: " + tokens.size() + " tokens (expected: at most " + TOKENS_MAX + ")")
                    .toException();
        }
        return tokens;
    }

    /** Whether a cookie is what says it, if anything does. */
    boolean isByCookie(Exchange exchange) {
        return exchange.joined(HEADER) == null;
    }

    /** A session that has seen what the request's has. */
    public Session session(Exchange exchange) {
        Session session = Session.create();
        tokens(exchange).forEach(token -> session.advanceTo(token.text()));
        return session;
    }

    /** Gives the caller what it has seen by now: that state, and what it had seen before. */
    void put(Exchange exchange, HttpHeadersBuilder headers, SessionToken token) {
        SessionToken seen = token;
        for (SessionToken one : tokens(exchange)) {
            seen = one.history().equals(seen.history()) ? seen.merge(one) : seen;
        }
        headers.set(HEADER, seen.text());
        // Set without need, it could put back what an answer to another request of the browser has set since.
        if (!cookie.isEmpty() && isNews(exchange, seen)) {
            headers.add(HttpHeaderNames.SET_COOKIE, cookie + "=" + seen.text() + "; " + attributes());
        }
    }

    /** What has a browser drop its cookie; null: it has none of ours. Its pages could not: they do not see it. */
    public @Nullable String dropped(RequestHeaders request) {
        String header = request.get(HttpHeaderNames.COOKIE);
        return cookie.isEmpty() || header == null || !header.contains(cookie + "=")
                ? null
                : cookie + "=; Max-Age=0; " + attributes();
    }

    private String attributes() {
        return "Path=/; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : "");
    }

    private boolean isNews(Exchange exchange, SessionToken seen) {
        return ofCookie(exchange).stream()
                .noneMatch(held -> held.history().equals(seen.history()) && held.index() >= seen.index());
    }

    private List<SessionToken> ofCookie(Exchange exchange) {
        String header = exchange.joined(HttpHeaderNames.COOKIE);
        if (header == null) {
            return List.of();
        }
        for (String pair : header.split("[;,]", -1)) {
            String[] parts = pair.strip().split("=", 2);
            if (parts.length == 2 && parts[0].equals(cookie)) {
                // A browser's cookie that nobody can read is like none: its user could do nothing about an error.
                return tolerantly(parts[1]).map(List::of).orElse(List.of());
            }
        }
        return List.of();
    }

    private static Optional<SessionToken> tolerantly(String text) {
        try {
            return Optional.of(SessionToken.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static SessionToken parse(String text) {
        try {
            return SessionToken.parse(text);
        } catch (IllegalArgumentException e) {
            throw Problem.of(400, "BAD_SESSION_TOKEN", String.valueOf(e.getMessage()))
                    .toException();
        }
    }
}
