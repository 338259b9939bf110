// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import com.google.protobuf.ByteString;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.LogTime;
import io.tidemark.store.Refusal;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.RequestRecord;
import io.tidemark.store.validate.NameRules;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Exactly once: the outcomes of recent request ids, in the order in which they were settled.
 *
 * <p>Every outcome is remembered, also an error: a caller who was told that a write failed must not see a delayed copy of it
 * succeed. Only what the window itself refuses is not.
 *
 * <p>The oldest are forgotten beyond {@code max_request_ids}; above {@code min_request_ids} also those settled more than
 * {@code request_id_retention} of log time ago. At most {@link #FORGOTTEN_MAX} go at a time, so that a jump of log time makes
 * no command slow.
 *
 * <p>The floor is the highest {@code settled_index} of all ids forgotten so far: the index of the commit, or for what did not
 * commit the last index then. A caller knows of no index above the last one, so a write that was committed at index i was
 * first sent with an index below i. If its id has been forgotten the floor is at least i, and its retry, below the floor, is
 * refused. So no write is ever applied twice, whatever clocks do. A write that was refused and forgotten may be evaluated anew
 * where its caller knew the very last index; it was never applied.
 */
final class RequestWindow {

    static final int FORGOTTEN_MAX = 8;

    private RequestWindow() {}

    /** How the window itself answers: with the outcome remembered, or a refusal. Null: carry the request out. */
    static @Nullable Outcome answer(StateReader state, RequestIdentity identity, ByteString digest) {
        String id = identity.getRequestId();
        NameRules.requireRequestId("write_options.request_id", id);
        long firstSentIndex = identity.getFirstSentIndex();
        Counters counters = state.counters();
        if (firstSentIndex < 0 || firstSentIndex > counters.lastIndex()) {
            throw Refusal.ofField(
                            "write_options.first_sent_index",
                            "expected: from 0 to the last index, " + counters.lastIndex() + ", not " + firstSentIndex)
                    .toException();
        }
        RequestRecord record = state.request(id);
        if (record == null) {
            if (firstSentIndex < counters.windowFloor()) {
                throw Refusal.requestIdExpired(id, firstSentIndex, counters.windowFloor())
                        .toException();
            }
            return null;
        }
        if (!record.getContentDigest().equals(digest)) {
            throw Refusal.of(
                            ErrorReason.ERROR_REASON_REQUEST_ID_REUSED,
                            "request id " + id + " was used for another write, settled at index "
                                    + record.getSettledIndex(),
                            Map.of(ErrorMetadata.REQUEST_ID, id, ErrorMetadata.SETTLED_INDEX, record.getSettledIndex()))
                    .toException();
        }
        return new Outcome.Replayed(record);
    }

    /** Remembers how a request ended, and forgets what is due. {@code state} is the one before it. */
    static RequestChange remember(StateReader state, RequestIdentity identity, ByteString digest, Settled settled) {
        Counters counters = state.counters();
        Commit commit = settled.commit();
        RequestRecord record = RequestRecords.outcome(settled.outcome())
                .setRequestId(identity.getRequestId())
                .setContentDigest(digest)
                .setSequence(counters.windowNext())
                .setLogTime(counters.logTime().toTimestamp())
                .setSettledIndex(commit == null ? counters.lastIndex() : commit.index())
                .build();
        int forgotten = 0;
        long floor = counters.windowFloor();
        long count = counters.windowNext() - counters.windowFirst() + 1;
        // Up to the minimum nothing is due, and the oldest need not be looked up.
        while (forgotten < FORGOTTEN_MAX && count > Math.max(1, state.settings().getMinRequestIds())) {
            RequestMark oldest = state.requestMark(counters.windowFirst() + forgotten);
            if (!isDue(oldest, count, state)) {
                break;
            }
            forgotten++;
            floor = Math.max(floor, oldest.settledIndex());
            count--;
        }
        return new RequestChange(record, forgotten, floor);
    }

    private static boolean isDue(RequestMark oldest, long count, StateReader state) {
        StoreSettings settings = state.settings();
        if (count > settings.getMaxRequestIds()) {
            return true;
        }
        LogTime end = oldest.logTime().plus(settings.getRequestIdRetention());
        return state.counters().logTime().isAfter(end);
    }
}
