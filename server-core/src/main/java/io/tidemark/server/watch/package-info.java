// SPDX-License-Identifier: Apache-2.0

/**
 * Watching: the serving side of {@code KeyValue.Watch}, on nodes and replicas alike. Start with {@link
 * io.tidemark.server.watch.Watches}.
 *
 * <p>No change is ever queued for a watch. A watch is a place in the change feed: it reads on from there when its caller has
 * room, and where it has seen everything it waits at the {@link io.tidemark.server.watch.Lookout}, which reads each commit once
 * for all who wait and wakes those whom it concerns.
 */
@NullMarked
package io.tidemark.server.watch;

import org.jspecify.annotations.NullMarked;
