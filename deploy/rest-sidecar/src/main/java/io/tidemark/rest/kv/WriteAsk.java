// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import io.tidemark.api.ProtoTimes;
import io.tidemark.client.Expiry;
import io.tidemark.client.Session;
import io.tidemark.client.WriteOptions;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.routing.Exchange;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a write carries beside its content, as the SDK takes it. */
public final class WriteAsk {

    /** Names a write, as the contract's {@code request_id} does. */
    public static final String IDEMPOTENCY_KEY = "idempotency-key";

    private WriteAsk() {}

    /**
     * Its options.
     *
     * @param expiry null: it does not say
     */
    public static WriteOptions options(
            Exchange exchange,
            Session session,
            io.tidemark.proto.v1.WriteOptions asked,
            io.tidemark.proto.v1.@Nullable Expiry expiry) {
        WriteOptions options = WriteOptions.defaults().withSession(session).withDeadline(exchange.deadline());
        if (asked.hasHistoryId()) {
            session.advanceTo("tm1." + asked.getHistoryId() + ".0");
        }
        String requestId = requestId(exchange, asked);
        if (asked.getFirstSentIndex() < 0) {
            throw Problem.invalid(
                            "write_options.first_sent_index",
                            "first_sent_index: " + asked.getFirstSentIndex() + " (expected: not negative)")
                    .toException();
        }
        if (requestId != null) {
            options = asked.getFirstSentIndex() > 0
                    ? options.withRequestId(requestId, asked.getFirstSentIndex())
                    : options.withRequestId(requestId);
        } else if (asked.hasFirstSentIndex()) {
            throw Problem.invalid(
                            "write_options.first_sent_index",
                            "first_sent_index: without a request_id (expected: with one)")
                    .toException();
        }
        return expiry == null ? options : options.withExpiry(expiry(expiry));
    }

    /** The options of a write that the contract's message describes, with the name that the header gives it. */
    static io.tidemark.proto.v1.WriteOptions named(Exchange exchange, io.tidemark.proto.v1.WriteOptions asked) {
        String requestId = requestId(exchange, asked);
        return requestId == null
                ? asked
                : asked.toBuilder().setRequestId(requestId).build();
    }

    /** What the header calls the write, in quotes or without; null: nothing. */
    public static @Nullable String idempotencyKey(Exchange exchange) {
        String header = exchange.header(IDEMPOTENCY_KEY);
        if (header == null) {
            return null;
        }
        String id = header.strip();
        boolean quoted = id.length() > 1 && id.startsWith("\"") && id.endsWith("\"");
        return quoted ? id.substring(1, id.length() - 1) : id;
    }

    private static @Nullable String requestId(Exchange exchange, io.tidemark.proto.v1.WriteOptions asked) {
        String id = idempotencyKey(exchange);
        if (id != null && asked.hasRequestId()) {
            throw Problem.invalid("Idempotency-Key", "Idempotency-Key: beside request_id (expected: one of them)")
                    .toException();
        }
        String named = id != null ? id : asked.hasRequestId() ? asked.getRequestId() : null;
        if (named != null && !named.matches("[A-Za-z0-9._-]{1,64}")) {
            throw Problem.invalid(
                            id != null ? "Idempotency-Key" : "write_options.request_id",
                            "request id: '" + named + "' (expected: 1 to 64 of A-Z, a-z, 0-9, ., _ and -)")
                    .toException();
        }
        return named;
    }

    private static Expiry expiry(io.tidemark.proto.v1.Expiry proto) {
        return switch (proto.getWhenCase()) {
            case TTL -> {
                Duration ttl = ProtoTimes.duration(proto.getTtl());
                if (ttl.isNegative() || ttl.isZero()) {
                    throw Problem.invalid("expiry.ttl", "expiry.ttl: " + ttl + " (expected: positive)")
                            .toException();
                }
                yield Expiry.after(ttl);
            }
            case EXPIRE_TIME -> Expiry.at(ProtoTimes.instant(proto.getExpireTime()));
            case NEVER -> Expiry.never();
            case WHEN_NOT_SET ->
                throw Problem.invalid("expiry", "expiry: it says nothing (expected: ttl, expire_time or never)")
                        .toException();
        };
    }
}
