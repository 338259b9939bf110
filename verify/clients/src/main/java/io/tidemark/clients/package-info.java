// SPDX-License-Identifier: Apache-2.0

/**
 * The SDK beside jetcd on etcd, and beside calls without any SDK. {@code verify/peers/sdk} starts both systems and then this
 * package's {@link io.tidemark.clients.ClientComparison}.
 */
@NullMarked
package io.tidemark.clients;

import org.jspecify.annotations.NullMarked;
