// SPDX-License-Identifier: Apache-2.0

/**
 * Streams that outlive the servers that send them: begun again elsewhere where they stopped, held back by whoever takes too
 * little, given up when nothing comes. What a stream says is the matter of {@code scan} and {@code watch}.
 *
 * <p>{@link io.tidemark.client.internal.stream.ResumingStream} fills a {@link io.tidemark.client.internal.stream.Buffer}; one of
 * {@link io.tidemark.client.internal.stream.BlockingReader}, {@link io.tidemark.client.internal.stream.Delivery} and {@link
 * io.tidemark.client.internal.stream.Publication} empties it.
 */
@NullMarked
package io.tidemark.client.internal.stream;

import org.jspecify.annotations.NullMarked;
