// SPDX-License-Identifier: Apache-2.0

/**
 * What a replica answers: reads of what it serves by itself, everything else by passing it on, whole, to a raft node. For any thread;
 * nothing here waits.
 */
@NullMarked
package io.tidemark.replica.serve;

import org.jspecify.annotations.NullMarked;
