// SPDX-License-Identifier: Apache-2.0

/**
 * What it takes to be a server process, whatever its role: a data directory of its own, the client and the internal port
 * (gRPC), the HTTP port (metrics, health), and an orderly start and stop. Start with {@link
 * io.tidemark.server.process.ServerProcess}.
 */
@NullMarked
package io.tidemark.server.process;

import org.jspecify.annotations.NullMarked;
