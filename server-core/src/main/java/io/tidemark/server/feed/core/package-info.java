// SPDX-License-Identifier: Apache-2.0

/**
 * What one subscriber of the feed is sent, and when: {@code replication.proto} as a state machine. Nothing here has a clock, a timer
 * or a thread of its own, so that the simulator runs the same code. Start with {@link io.tidemark.server.feed.core.FeedSession}.
 */
@NullMarked
package io.tidemark.server.feed.core;

import org.jspecify.annotations.NullMarked;
