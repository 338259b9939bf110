// SPDX-License-Identifier: Apache-2.0

/**
 * The load generator. {@link io.tidemark.bench.BenchCommand} is the command; {@link io.tidemark.bench.Load} puts a
 * {@link io.tidemark.bench.Connection} to Tidemark or etcd under a {@link io.tidemark.bench.Plan}, with one and the same loop for both.
 */
@NullMarked
package io.tidemark.bench;

import org.jspecify.annotations.NullMarked;
