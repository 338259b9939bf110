// SPDX-License-Identifier: Apache-2.0

/** Connections to servers, and the names behind which they are found. */
@NullMarked
package io.tidemark.client.internal.channel;

import org.jspecify.annotations.NullMarked;
