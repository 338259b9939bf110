// SPDX-License-Identifier: Apache-2.0

/**
 * Watches: {@link io.tidemark.client.internal.watch.WatchCourse} makes whole commits of messages and knows how far they have come,
 * {@link io.tidemark.client.internal.watch.Watching} says what follows what, {@link
 * io.tidemark.client.internal.watch.EventDecoder} gives users what they see.
 */
@NullMarked
package io.tidemark.client.internal.watch;

import org.jspecify.annotations.NullMarked;
