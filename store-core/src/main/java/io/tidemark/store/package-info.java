// SPDX-License-Identifier: Apache-2.0

/** The replicated state: transition function, MVCC store, shards, digests, change feed. */
@NullMarked
package io.tidemark.store;

import org.jspecify.annotations.NullMarked;
