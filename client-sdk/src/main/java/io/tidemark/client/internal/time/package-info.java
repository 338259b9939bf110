// SPDX-License-Identifier: Apache-2.0

/** The clock and the timers of the SDK, so that tests can move them by hand. */
@NullMarked
package io.tidemark.client.internal.time;

import org.jspecify.annotations.NullMarked;
