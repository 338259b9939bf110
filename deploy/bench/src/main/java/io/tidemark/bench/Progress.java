// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

/**
 * How a run is going, once a second.
 *
 * @param second how many seconds it has run
 * @param measuring whether what is done now counts; otherwise it warms up
 * @param calls answered in the last second
 * @param p50Nanos of their latencies
 * @param p99Nanos of their latencies
 * @param failuresSoFar failed calls since the run began
 */
public record Progress(long second, boolean measuring, long calls, long p50Nanos, long p99Nanos, long failuresSoFar) {}
