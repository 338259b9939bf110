// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.proto.v1.RequestRecord;
import java.util.List;

/** How the window of request ids changes: one is remembered, the oldest few are forgotten, the floor rises. */
public record RequestChange(RequestRecord remembered, List<String> forgotten, long windowFloor) {

    public RequestChange {
        forgotten = List.copyOf(forgotten);
    }
}
