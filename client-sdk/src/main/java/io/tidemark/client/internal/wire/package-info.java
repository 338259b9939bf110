// SPDX-License-Identifier: Apache-2.0

/** Between what users see and the messages of the contract: asks, headers, rows, keys, commits. */
@NullMarked
package io.tidemark.client.internal.wire;

import org.jspecify.annotations.NullMarked;
