// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.store.LogTime;
import io.tidemark.store.proto.v1.RequestRecord;
import io.tidemark.store.transition.CommandResult;
import io.tidemark.store.transition.Outcome;
import io.tidemark.store.transition.RequestChange;

/**
 * How a request was judged.
 *
 * @param index of its commit, or the last one when it was judged; 0 where the window of request ids itself answered
 * @param time the log time then
 * @param isRemembered the outcome stands under the request's id, so that no other attempt can have another; false: only this
 *     attempt was refused
 */
record Judged(Outcome outcome, long index, LogTime time, boolean isRemembered) {

    static Judged of(CommandResult result) {
        RequestChange change = result.requestChange();
        if (change == null) {
            return new Judged(result.outcome(), 0, LogTime.MIN, result.outcome() instanceof Outcome.Replayed);
        }
        RequestRecord record = change.remembered();
        return new Judged(result.outcome(), record.getSettledIndex(), LogTime.of(record.getLogTime()), true);
    }
}
