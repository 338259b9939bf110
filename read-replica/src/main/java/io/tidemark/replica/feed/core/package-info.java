// SPDX-License-Identifier: Apache-2.0

/**
 * A replica's side of the feed: what it subscribes to, applies, proves, copies in and serves. Start with {@link
 * io.tidemark.replica.feed.core.Subscriber}.
 *
 * <p>All of it runs on one thread, the feed's, which is also the store's only writer; what other threads may ask says so. It has no
 * clock, timer, thread or chance of its own, and reaches others through {@link io.tidemark.replica.feed.core.Network} alone, so that
 * a simulator can drive it. {@code replication.proto} is the specification of every message.
 */
@NullMarked
package io.tidemark.replica.feed.core;

import org.jspecify.annotations.NullMarked;
