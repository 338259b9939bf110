// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeadersBuilder;
import io.tidemark.client.Header;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.rest.routing.Exchange;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What answers of rows, alone or in lists, tell the caches outside. For any thread. */
public final class CacheRules {

    private final CacheAges ages;
    private final Asks asks;
    private final String vary;

    public CacheRules(CacheAges ages, Asks asks) {
        this.ages = ages;
        this.asks = asks;
        this.vary = asks.vary();
    }

    /** For how long answers about a table's rows may be kept; empty: not at all. */
    CompletableFuture<Optional<Duration>> ageOf(String table) {
        return ages.of(table);
    }

    /**
     * Says it. Caches count the age of an answer from its Age on, so what they keep is never older than the table allows, nor than its
     * caller asked, who would be given it again; nor do they give anything older where they do not reach us.
     *
     * @param stated what the request asks, or its route, apart from its Cache-Control, which caches heed themselves
     */
    void tell(HttpHeadersBuilder headers, Exchange exchange, ReadOptions stated, Header of, Optional<Duration> age) {
        headers.set(HttpHeaderNames.VARY, vary);
        long seconds = age.filter(known -> of.staleness().isPresent())
                .map(known -> kept(exchange, stated, known))
                .orElse(0L);
        if (seconds == 0) {
            headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
            return;
        }
        headers.set(HttpHeaderNames.CACHE_CONTROL, "public, max-age=" + seconds + ", must-revalidate");
        // A cache would give it to others, and later, when it is old.
        headers.remove(HttpHeaderNames.SET_COOKIE);
    }

    private long kept(Exchange exchange, ReadOptions stated, Duration age) {
        return asks.bound(exchange, stated)
                .filter(bound -> bound.compareTo(age) < 0)
                .orElse(age)
                .toSeconds();
    }
}
