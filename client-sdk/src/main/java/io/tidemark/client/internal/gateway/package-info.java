// SPDX-License-Identifier: Apache-2.0

/**
 * A client's calls in the contract's own messages, for what passes such messages on: {@link
 * io.tidemark.client.internal.gateway.Gateway}. Not for users, whom the SDK keeps from protobuf.
 */
@NullMarked
package io.tidemark.client.internal.gateway;

import org.jspecify.annotations.NullMarked;
