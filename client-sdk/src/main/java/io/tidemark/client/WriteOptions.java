// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one write carries beside its content. Immutable; what is not said is as the table or the client has it.
 *
 * <!-- snippet write-options -->
 * <pre>{@code
 * WriteOptions shortLived = WriteOptions.defaults().withExpiryAfter(Duration.ofMinutes(10));
 * users.put("ann", "Ann", shortLived);
 * }</pre>
 */
public final class WriteOptions {

    private static final WriteOptions DEFAULTS = new WriteOptions(null, null, null, null, null, false);

    private final @Nullable Session session;
    private final @Nullable Duration deadline;
    private final @Nullable Expiry expiry;
    private final @Nullable String requestId;
    private final @Nullable Long firstSentIndex;
    private final boolean previousRow;

    private WriteOptions(
            @Nullable Session session,
            @Nullable Duration deadline,
            @Nullable Expiry expiry,
            @Nullable String requestId,
            @Nullable Long firstSentIndex,
            boolean previousRow) {
        this.session = session;
        this.deadline = deadline;
        this.expiry = expiry;
        this.requestId = requestId;
        this.firstSentIndex = firstSentIndex;
        this.previousRow = previousRow;
    }

    /** Everything as the table or the client has it. */
    public static WriteOptions defaults() {
        return DEFAULTS;
    }

    /** Who sees it from then on. */
    public WriteOptions withSession(Session session) {
        Objects.requireNonNull(session, "session");
        return new WriteOptions(session, deadline, expiry, requestId, firstSentIndex, previousRow);
    }

    /** When it fails at the latest, counted from its beginning, whatever is tried in between. */
    public WriteOptions withDeadline(Duration deadline) {
        Durations.requirePositive("deadline", deadline);
        return new WriteOptions(session, deadline, expiry, requestId, firstSentIndex, previousRow);
    }

    /**
     * When the row expires. Unless said: a put, as the table's default says; a patch, an increment, an update or a compute, as the row
     * has it, and a new row as the table's default says. Deletes take none.
     */
    public WriteOptions withExpiry(Expiry expiry) {
        Objects.requireNonNull(expiry, "expiry");
        return new WriteOptions(session, deadline, expiry, requestId, firstSentIndex, previousRow);
    }

    /** The row expires so long after it is written: {@link Expiry#after}. */
    public WriteOptions withExpiryAfter(Duration ttl) {
        return withExpiry(Expiry.after(ttl));
    }

    /** The row expires at this time: {@link Expiry#at}. */
    public WriteOptions withExpiryAt(Instant time) {
        return withExpiry(Expiry.at(time));
    }

    WriteOptions withoutExpiry() {
        return new WriteOptions(session, deadline, null, requestId, firstSentIndex, previousRow);
    }

    /** Gives back the row that a put replaces or a delete removes. */
    public WriteOptions withPreviousRow() {
        return new WriteOptions(session, deadline, expiry, requestId, firstSentIndex, true);
    }

    /**
     * Names the write, so that it is applied once however often it is sent, also by another process: 1 to 64 characters
     * {@code [A-Za-z0-9._-]}, unique in the whole cluster. Unless said, each call gets one of its own, so repetitions by the SDK are
     * safe in any case; this is for repetitions by the caller.
     *
     * @param firstSentIndex the newest index that was known when the write was sent for the first time, the same in every repetition:
     *     {@link Session#index()} then, or {@link OutcomeUnknownException#firstSentIndex()}
     */
    public WriteOptions withRequestId(String requestId, long firstSentIndex) {
        Objects.requireNonNull(requestId, "requestId");
        if (firstSentIndex < 0) {
            throw new IllegalArgumentException("first sent index: " + firstSentIndex + " (expected: not negative)");
        }
        return new WriteOptions(session, deadline, expiry, requestId, firstSentIndex, previousRow);
    }

    /** As {@link #withSession}. */
    public Optional<Session> session() {
        return Optional.ofNullable(session);
    }

    /** As {@link #withDeadline}. */
    public Optional<Duration> deadline() {
        return Optional.ofNullable(deadline);
    }

    /** As {@link #withExpiry}. */
    public Optional<Expiry> expiry() {
        return Optional.ofNullable(expiry);
    }

    /** As {@link #withRequestId}. */
    public Optional<String> requestId() {
        return Optional.ofNullable(requestId);
    }

    /** As {@link #withRequestId}; present with it. */
    public Optional<Long> firstSentIndex() {
        return Optional.ofNullable(firstSentIndex);
    }

    /** As {@link #withPreviousRow}. */
    public boolean previousRow() {
        return previousRow;
    }
}
