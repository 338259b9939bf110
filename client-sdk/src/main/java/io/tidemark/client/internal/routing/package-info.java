// SPDX-License-Identifier: Apache-2.0

/** Which server should answer a call. One thread at a time changes what is known; any thread chooses, without a lock. */
@NullMarked
package io.tidemark.client.internal.routing;

import org.jspecify.annotations.NullMarked;
