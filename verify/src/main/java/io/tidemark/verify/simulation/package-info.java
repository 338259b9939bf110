// SPDX-License-Identifier: Apache-2.0

/**
 * A whole cluster in one thread and in virtual time: the code that nodes and replicas run, over a network that delays, loses and
 * cuts, on machines that crash, pause and have wrong clocks. All that happens follows from a seed, so a failure is seen again by running
 * it again. Only the consensus is a model of its own, and the clients. Start with {@link io.tidemark.verify.simulation.Simulation};
 * {@code docs/simulation.md} tells what it shows.
 */
@NullMarked
package io.tidemark.verify.simulation;

import org.jspecify.annotations.NullMarked;
