// SPDX-License-Identifier: Apache-2.0

/** Where servers are found. */
@NullMarked
package io.tidemark.client.internal.channel;

import org.jspecify.annotations.NullMarked;
