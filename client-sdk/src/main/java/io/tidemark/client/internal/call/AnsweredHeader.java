// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.call;

import io.tidemark.api.HistoryId;
import io.tidemark.api.SessionToken;
import io.tidemark.client.Header;
import io.tidemark.client.ServedBy;
import io.tidemark.client.Unmet;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.wire.Headers;
import io.tidemark.proto.v1.ResponseHeader;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What a server's answer says of itself, with the time that has passed since it was asked for. */
public final class AnsweredHeader implements Header {

    /** How much slower a clock may run than it should, as the replicas assume of theirs: 500 ppm. */
    private static final long RATE_ERROR_PARTS = 2_000;

    private final ResponseHeader proto;
    private final long index;
    private final long sentNanos;
    private final String address;
    private final int attempts;
    private final Moment began;
    private final Moment arrived;
    private final Moment.Clock clock;

    /**
     * Arrives now.
     *
     * @param index what the answer is as of
     * @param began when the call began, which is not later than when the attempt was sent
     */
    public AnsweredHeader(
            ResponseHeader proto,
            long index,
            long sentNanos,
            String address,
            int attempts,
            Moment began,
            Moment.Clock clock) {
        this.proto = proto;
        this.index = index;
        this.sentNanos = sentNanos;
        this.address = address;
        this.attempts = attempts;
        this.began = began;
        this.arrived = clock.now();
        this.clock = clock;
    }

    /** Of an answer that just came. */
    public static AnsweredHeader of(
            Answer<?> answer, ResponseHeader proto, long index, Moment began, Moment.Clock clock) {
        return new AnsweredHeader(proto, index, answer.sentNanos(), answer.address(), answer.attempts(), began, clock);
    }

    @Override
    public String historyId() {
        return proto.getHistoryId();
    }

    @Override
    public long index() {
        return index;
    }

    @Override
    public String token() {
        return new SessionToken(new HistoryId(proto.getHistoryId()), index).text();
    }

    @Override
    public Optional<Duration> staleness() {
        return stalenessAt(clock.now());
    }

    @Override
    public Optional<Duration> stalenessOnArrival() {
        return stalenessAt(arrived);
    }

    private Optional<Duration> stalenessAt(Moment moment) {
        Optional<Duration> proven = Headers.staleness(proto);
        if (proven.isEmpty()) {
            return proven;
        }
        long elapsed = moment.nanos() - sentNanos + moment.hiddenNanosSince(began);
        return Optional.of(proven.get().plusNanos(elapsed + elapsed / RATE_ERROR_PARTS + 1));
    }

    @Override
    public ServedBy servedBy() {
        return new ServedBy(proto.getServedBy(), Headers.role(proto.getServedByRole()), address);
    }

    @Override
    public long appliedIndex() {
        return proto.getAppliedIndex();
    }

    @Override
    public Optional<Instant> time() {
        return proto.hasReadTime() ? Optional.of(Headers.instant(proto.getReadTime())) : Optional.empty();
    }

    @Override
    public Optional<Unmet> unmet() {
        return proto.hasUnmet() ? Optional.of(Headers.unmet(proto.getUnmet())) : Optional.empty();
    }

    @Override
    public int attempts() {
        return attempts;
    }

    @Override
    public String toString() {
        return "as of " + index + " of " + historyId() + ", staleness "
                + staleness().map(Duration::toString).orElse("unknown") + ", served by " + servedBy();
    }
}
