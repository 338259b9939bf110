// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpHeadersBuilder;
import io.netty.util.AsciiString;
import io.tidemark.api.HistoryId;
import io.tidemark.api.SessionToken;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.Header;
import io.tidemark.client.Unmet;
import io.tidemark.rest.http.Durations;
import io.tidemark.rest.routing.Exchange;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** What answers say of themselves in headers: which state, how stale, from whom. */
public record Stamps(Sessions sessions) {

    public static final AsciiString INDEX = HttpHeaderNames.of("tidemark-index");
    public static final AsciiString STALENESS = HttpHeaderNames.of("tidemark-staleness-ms");
    public static final AsciiString SERVED_BY = HttpHeaderNames.of("tidemark-served-by");
    public static final AsciiString UNMET = HttpHeaderNames.of("tidemark-unmet");
    public static final AsciiString REPLAYED = HttpHeaderNames.of("tidemark-replayed");

    /** Of a read. */
    public HttpHeadersBuilder ofRead(Exchange exchange, Header header) {
        HttpHeadersBuilder headers = of(exchange, header);
        // As of now: an answer may have waited here for something else.
        Optional<Duration> staleness = header.staleness();
        staleness.ifPresent(bound -> {
            headers.set(HttpHeaderNames.AGE, Long.toString(Durations.secondsRoundedUp(bound)));
            headers.set(STALENESS, Durations.millis(bound));
        });
        header.unmet().ifPresent(unmet -> headers.set(UNMET, described(unmet)));
        return headers;
    }

    /** Of a write. */
    public HttpHeadersBuilder of(Exchange exchange, Header header) {
        HttpHeadersBuilder headers = seen(exchange, header.historyId(), header.index());
        if (!header.servedBy().id().isEmpty()) {
            headers.set(SERVED_BY, header.servedBy().id());
        }
        return headers;
    }

    /** Of a write that was refused: its caller is told what is there, and so has seen it. */
    public HttpHeadersBuilder ofRefused(Exchange exchange, ConditionFailedException refused) {
        return replayed(seen(exchange, refused.historyId(), refused.evaluatedIndex()), refused.replayed());
    }

    private HttpHeadersBuilder seen(Exchange exchange, String historyId, long index) {
        HttpHeadersBuilder headers = HttpHeaders.builder();
        // Answers that read no state have no index.
        if (!historyId.isEmpty() && index > 0) {
            headers.set(INDEX, Long.toString(index));
            sessions.put(exchange, headers, new SessionToken(new HistoryId(historyId), index));
        }
        return headers;
    }

    /** Says of a write that an earlier attempt had done it. */
    public static HttpHeadersBuilder replayed(HttpHeadersBuilder headers, boolean replayed) {
        return replayed ? headers.set(REPLAYED, "true") : headers;
    }

    /** Which part of an ask is missing, and why. */
    private static String described(Unmet unmet) {
        StringBuilder text =
                new StringBuilder("behind=").append(unmet.behind().name().toLowerCase(Locale.ROOT));
        if (unmet.linearizable()) {
            text.append(", linearizable");
        }
        Duration staleness = unmet.askedStaleness();
        if (staleness != null) {
            text.append(", max-staleness=").append(staleness.toMillis()).append("ms");
        }
        if (unmet.askedIndex() != null) {
            text.append(", min-index=").append(unmet.askedIndex());
        }
        if (unmet.askedLag() != null) {
            text.append(", max-lag=").append(unmet.askedLag());
        }
        return text.toString();
    }
}
