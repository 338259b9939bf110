// SPDX-License-Identifier: Apache-2.0

/**
 * The registry of replicas at work. Each node reports whom it feeds ({@link io.tidemark.node.registry.Subscribers}); the leader
 * ({@link io.tidemark.node.registry.Registrar}) proposes what follows for the replicated registry: who is registered, lost, found
 * again; and says what the topology shows of replicas. Who is silent is decided by {@link io.tidemark.node.registry.Silences}.
 *
 * <p>What replicas report is soft: a new leader hears it anew within an interval. Nothing here reads a clock or has a thread.
 */
@NullMarked
package io.tidemark.node.registry;

import org.jspecify.annotations.NullMarked;
