// SPDX-License-Identifier: Apache-2.0

/**
 * Time that can be injected: how much of it has passed at least, and what is to happen later. What must run the same in the
 * simulator takes these instead of the system's.
 */
@NullMarked
package io.tidemark.server.time;

import org.jspecify.annotations.NullMarked;
