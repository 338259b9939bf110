// SPDX-License-Identifier: Apache-2.0

/**
 * What all long copies of a server's own state have in common, backups and copies of shards: a state that is held while one is under way
 * and for a while after, and a worker that waits for room at its caller.
 */
@NullMarked
package io.tidemark.server.transfer;

import org.jspecify.annotations.NullMarked;
