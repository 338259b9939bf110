// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.proto.v1.RequestRecord;

/** How the window of request ids changes: one is remembered, so many of the oldest are forgotten, the floor rises. */
public record RequestChange(RequestRecord remembered, int forgotten, long windowFloor) {}
