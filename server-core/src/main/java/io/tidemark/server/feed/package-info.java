// SPDX-License-Identifier: Apache-2.0

/**
 * The serving side of what replicas are fed with: the feed itself over gRPC ({@link io.tidemark.server.feed.Feeds}), copies of
 * shards ({@link io.tidemark.server.feed.Bootstraps}), and what else a replica asks of its upstream. {@code docs/design.md}, section
 * "Serving the feed".
 */
@NullMarked
package io.tidemark.server.feed;

import org.jspecify.annotations.NullMarked;
