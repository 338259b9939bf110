// SPDX-License-Identifier: Apache-2.0

/**
 * Whether two servers hold the same rows: a digest per shard, kept up with each change, compared at equal indexes.
 *
 * <p>A shard's digest is the sum, modulo 2^128, of a 128-bit hash of each of its live rows. A sum does not depend on order,
 * so a row that changes is taken out and put in anew, whatever else the shard holds. What is taken out is the hash of the
 * row that <em>this process holds</em>: had a row been damaged here, the digest stays wrong, and shows it, for as long as
 * that row would have been served. Sub-buckets, by the bits of the shard hash that follow the shard's own, say where a
 * difference lies; and if shards are split some day, their digests split with them.
 *
 * <p>Start with {@link io.tidemark.store.digest.RunningDigests}. The hash guards against faults of software and hardware, not
 * against somebody who chooses rows to collide.
 */
@NullMarked
package io.tidemark.store.digest;

import org.jspecify.annotations.NullMarked;
