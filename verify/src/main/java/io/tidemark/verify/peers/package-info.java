// SPDX-License-Identifier: Apache-2.0

/**
 * Tidemark beside etcd: the same client, the same load, in turns. {@code verify/peers/run} starts both and then this
 * package's {@link io.tidemark.verify.peers.Comparison}.
 */
@NullMarked
package io.tidemark.verify.peers;

import org.jspecify.annotations.NullMarked;
