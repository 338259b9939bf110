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
     * safe in any case; this is for repetitions by the caller. Keep both before the write is sent for the first time, so that a process
     * that comes after this one can send them again.
     *
     * @param firstSentIndex the newest index that was known when the write was sent for the first time, the same in every repetition: that of
     *     a recent answer, such as {@link Result#index()} or {@link Session#index()} after it. By it a repetition that comes so late
     *     that the cluster may have forgotten the name is refused, instead of applied again
     * @throws IllegalArgumentException if the index is 0, as that of a session is which has seen nothing: by that no repetition could be
     *     told from a first attempt
     */
    public WriteOptions withRequestId(String requestId, long firstSentIndex) {
        Objects.requireNonNull(requestId, "requestId");
        if (firstSentIndex <= 0) {
            throw new IllegalArgumentException(
                    "first sent index: " + firstSentIndex
                            + " (expected: at least 1, an index that an answer told; a session that has seen nothing has none: read first)");
        }
        return new WriteOptions(session, deadline, expiry, requestId, firstSentIndex, previousRow);
    }

    /**
     * Names the write by its id alone, where no index can be kept beside it: an {@code Idempotency-Key}. A repetition counts as one while
     * the cluster remembers the id ({@code store.min-request-ids} and beyond); <b>one that comes later is applied again</b>. {@link
     * #withRequestId(String, long)} has no such end.
     */
    public WriteOptions withRequestId(String requestId) {
        Objects.requireNonNull(requestId, "requestId");
        return new WriteOptions(session, deadline, expiry, requestId, null, previousRow);
    }

    /**
     * Names the write as the one that is open, to send it again and learn how it ended. It must be the same write.
     *
     * @throws IllegalArgumentException if the exception does not tell its name
     */
    public WriteOptions withRequestIdOf(OutcomeUnknownException open) {
        String openId = open.requestId()
                .orElseThrow(() -> new IllegalArgumentException(
                        "request id: none in " + open.reason() + " (expected: one; read, and decide)"));
        Long openIndex =
                open.firstSentIndex().isPresent() ? open.firstSentIndex().getAsLong() : null;
        return new WriteOptions(session, deadline, expiry, openId, openIndex, previousRow);
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

    /** As {@link #withRequestId(String, long)}. */
    public Optional<String> requestId() {
        return Optional.ofNullable(requestId);
    }

    /** As {@link #withRequestId(String, long)}; empty with a name by its id alone. */
    public Optional<Long> firstSentIndex() {
        return Optional.ofNullable(firstSentIndex);
    }

    /** As {@link #withPreviousRow}. */
    public boolean previousRow() {
        return previousRow;
    }
}
