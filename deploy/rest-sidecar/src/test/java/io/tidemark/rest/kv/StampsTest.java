// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.tidemark.client.Header;
import io.tidemark.client.ServedBy;
import io.tidemark.client.Unmet;
import io.tidemark.rest.http.Target;
import io.tidemark.rest.routing.Exchange;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StampsTest {

    private static final String HISTORY = "0123456789abcdef";

    private record Read(long index) implements Header {
        @Override
        public String historyId() {
            return HISTORY;
        }

        @Override
        public String token() {
            return "tm1." + HISTORY + "." + index;
        }

        /** A second after it came. */
        @Override
        public Optional<Duration> staleness() {
            return Optional.of(Duration.ofMillis(1_250));
        }

        @Override
        public Optional<Duration> stalenessOnArrival() {
            return Optional.of(Duration.ofMillis(250));
        }

        @Override
        public ServedBy servedBy() {
            return new ServedBy("r1", ServedBy.Role.REPLICA, "127.0.0.1:1");
        }

        @Override
        public long appliedIndex() {
            return index;
        }

        @Override
        public Optional<Instant> time() {
            return Optional.empty();
        }

        @Override
        public Optional<Unmet> unmet() {
            return Optional.empty();
        }

        @Override
        public int attempts() {
            return 1;
        }
    }

    @Test
    void shouldTellHowStaleAnAnswerIsWhenItIsGiven() {
        HttpHeaders headers = new Stamps(new Sessions("", false))
                .ofRead(exchange(HttpHeaders.of()), new Read(7))
                .build();

        assertThat(headers.get(Stamps.STALENESS)).isEqualTo("1250");
        assertThat(headers.get(HttpHeaderNames.AGE)).isEqualTo("2");
    }

    /** Sets a cookie only where it is news, and never lets one go back. */
    @Test
    void shouldSetACookieOnlyWhereItIsAhead() {
        Stamps stamps = new Stamps(new Sessions("tm", true));
        HttpHeaders behind = HttpHeaders.of("cookie", "tm=tm1." + HISTORY + ".6");
        HttpHeaders level = HttpHeaders.of("cookie", "tm=tm1." + HISTORY + ".7");
        HttpHeaders other = HttpHeaders.of("cookie", "tm=tm1.fedcba9876543210.9");

        assertThat(cookie(stamps, HttpHeaders.of(), 7))
                .isEqualTo("tm=tm1." + HISTORY + ".7; Path=/; HttpOnly; SameSite=Lax; Secure");
        assertThat(cookie(stamps, behind, 7)).startsWith("tm=tm1." + HISTORY + ".7;");
        assertThat(cookie(stamps, level, 7)).isNull();
        assertThat(cookie(stamps, level, 5)).isNull();
        assertThat(cookie(stamps, other, 7)).startsWith("tm=tm1." + HISTORY + ".7;");
    }

    private static @Nullable String cookie(Stamps stamps, HttpHeaders request, long index) {
        return stamps.of(exchange(request), new Read(index)).get(HttpHeaderNames.SET_COOKIE);
    }

    private static Exchange exchange(HttpHeaders headers) {
        RequestHeaders request =
                RequestHeaders.builder(HttpMethod.GET, "/").add(headers).build();
        return new Exchange(
                ServiceRequestContext.of(HttpRequest.of(request)),
                request,
                Target.parse("/"),
                Map.of(),
                new byte[0],
                new Exchange.Deadlines(Duration.ofSeconds(1), Duration.ofSeconds(1)));
    }
}
