// SPDX-License-Identifier: Apache-2.0

/**
 * Reads: what a request asks of freshness, waiting until this server can meet it, and the state that it is then answered from.
 * Shared by nodes and replicas, which differ only in how they prove how fresh they are.
 */
@NullMarked
package io.tidemark.server.read;

import org.jspecify.annotations.NullMarked;
