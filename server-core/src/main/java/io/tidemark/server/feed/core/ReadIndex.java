// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

/**
 * Everything that was acknowledged to anyone before it was asked for lies at or below an index, which this server has applied.
 *
 * @param term in which leadership was confirmed
 */
public record ReadIndex(long index, long term) {}
