// SPDX-License-Identifier: Apache-2.0

/**
 * The transition function: what an entry of the Raft log does to the state. The same entries give the same state, byte for
 * byte, on every node, whatever its clock, locale, heap or Java release; so nothing here reads a clock, draws a random number
 * or depends on the order of a hash map, and every text that is stored is written by our own code.
 *
 * <p>Start with {@link io.tidemark.store.transition.Transition}. It reads the state before the entry through
 * {@link io.tidemark.store.transition.StateReader} and gives {@link io.tidemark.store.transition.Applied}: for each command
 * its {@link io.tidemark.store.transition.Outcome}, the {@link io.tidemark.store.transition.Commit} with its effects, and
 * what changes in the {@linkplain io.tidemark.store.transition.RequestWindow window of request ids}. It changes nothing
 * itself: whoever keeps the state carries the effects out, all of an entry's in one step.
 *
 * <ul>
 *   <li>Log time is the greatest stamp so far; a leader's clock that jumps back stands still here.
 *   <li>A commit is everything that changes the store: rows, tables, settings, version, the registry of replicas. Each gets the next index; what fails
 *       or finds nothing to do gets none.
 *   <li>One commit has one effect per row: its last state. Positions number the effects in the order of the last changes,
 *       gapless from 0. A row that a commit makes and removes has no effect. A row deleted and put again in one commit begins
 *       a new life.
 *   <li>{@code version} counts mutations: two puts of a row in one commit raise it by two.
 *   <li>A malformed command is an error result. An unknown version or command is an
 *       {@link io.tidemark.store.transition.UnknownEntryException}: this node must stop, because to guess or to skip would
 *       silently make its state differ.
 * </ul>
 */
@NullMarked
package io.tidemark.store.transition;

import org.jspecify.annotations.NullMarked;
