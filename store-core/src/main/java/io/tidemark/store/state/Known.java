// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.proto.v1.RequestRecord;
import io.tidemark.store.transition.CommitMark;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the writer would otherwise look up with every entry. Owned by the writer, begun with what is found at open, and told
 * of changes only once they are in the engine: it never knows more than a checkpoint and the writes since.
 */
final class Known {

    private final RequestIds requestIds;
    private RequestGroups.@Nullable Group oldestRequests;
    private long markedIndex = -1;
    private CommitMark mark = CommitMark.EMPTY;

    /** @param requestIds those of the whole window */
    Known(RequestIds requestIds) {
        this.requestIds = requestIds;
    }

    /** Those of the window. */
    RequestIds requestIds() {
        return requestIds;
    }

    /** The window as a write that is now in the engine left it. */
    void changed(List<RequestRecord> remembered, long windowFirst) {
        remembered.forEach(record -> requestIds.add(record.getRequestId()));
        requestIds.forgetBefore(windowFirst);
    }

    /** The requests that were kept last, whose group never changes. */
    RequestGroups.@Nullable Group oldestRequests() {
        return oldestRequests;
    }

    void keepOldestRequests(RequestGroups.Group group) {
        oldestRequests = group;
    }

    /** What was kept for that commit, whose mark never changes; null: it is another's. */
    @Nullable CommitMark mark(long index) {
        return index == markedIndex ? mark : null;
    }

    void keepMark(long index, CommitMark ofCommit) {
        markedIndex = index;
        mark = ofCommit;
    }
}
