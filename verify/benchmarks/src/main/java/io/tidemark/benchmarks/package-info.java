// SPDX-License-Identifier: Apache-2.0

/**
 * How fast the engine and the whole store are, beside RocksDB and a map on the heap. {@link io.tidemark.benchmarks.Duel}
 * runs them against one another, the {@code *Benchmark} classes look at single operations, those named {@code Store*} at
 * the whole store's, {@link io.tidemark.benchmarks.BigStore} at a store that is larger than the heap.
 */
@NullMarked
package io.tidemark.benchmarks;

import org.jspecify.annotations.NullMarked;
