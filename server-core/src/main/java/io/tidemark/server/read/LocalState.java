// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.tidemark.store.state.Store;

/**
 * The store that this server answers from, and what stands guard before it. A server that takes over another store (a
 * checkpoint of the leader) replaces all of it at once; who has begun with one goes on with that one.
 */
public record LocalState(Store store, IndexWaiters waiters, ReadGate gate) {}
