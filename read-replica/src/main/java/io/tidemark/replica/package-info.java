// SPDX-License-Identifier: Apache-2.0

/** Follows a feed, owns shards, proves freshness, serves reads. */
@NullMarked
package io.tidemark.replica;

import org.jspecify.annotations.NullMarked;
