// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.FeedCommit;
import org.jspecify.annotations.Nullable;

/** Puts commits together that were too large for one message. Nothing of one is given before its last part has come. */
final class Fragments {

    /** Beyond what any commit may have, with room for the names of its shards. */
    private static final long BYTES_MAX = 64 << 20;

    private FeedCommit.@Nullable Builder building;
    private int next;
    private long bytes;

    /** The whole commit; null: more of it is to come. */
    @Nullable FeedCommit add(FeedCommit part) {
        if (!part.hasFragment()) {
            requireNone();
            return part;
        }
        FeedCommit.Builder whole = building;
        if (whole == null) {
            whole = FeedCommit.newBuilder().setIndex(part.getIndex()).setLogTime(part.getLogTime());
            building = whole;
            next = 0;
            bytes = 0;
        }
        bytes += part.getSerializedSize();
        if (part.getIndex() != whole.getIndex() || part.getFragment().getNumber() != next || bytes > BYTES_MAX) {
            throw new FeedBrokenException("part " + part.getFragment().getNumber() + " of commit " + part.getIndex()
                    + " came, " + bytes + " bytes in all (expected: part " + next + " of commit " + whole.getIndex()
                    + ", at most " + BYTES_MAX + " bytes)");
        }
        next++;
        // Encoded messages that follow one another are one message: lists grow.
        whole.addAllShards(part.getShardsList())
                .setSystemEffects(whole.getSystemEffects().concat(part.getSystemEffects()));
        if (!part.getFragment().getLast()) {
            return null;
        }
        building = null;
        return whole.build();
    }

    /** Whatever comes next may not come between the parts of a commit. */
    void requireNone() {
        FeedCommit.Builder whole = building;
        if (whole != null) {
            throw new FeedBrokenException(
                    "commit " + whole.getIndex() + " breaks off before part " + next + " (expected: all its parts)");
        }
    }
}
