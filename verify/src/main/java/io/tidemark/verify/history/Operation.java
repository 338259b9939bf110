// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

/**
 * One thing that a client did.
 *
 * @param id unique in the history
 * @param client who; a client does one thing after the other
 * @param start when it was first sent, by the one monotonic clock of the history
 * @param end when its outcome was known
 */
public record Operation(long id, int client, Action action, long start, long end, Outcome outcome) {}
