// SPDX-License-Identifier: Apache-2.0

/**
 * What a server can prove about how fresh it is: {@code docs/design.md}, section "Freshness". Nothing here has a clock, a timer
 * or a thread of its own, so that the simulator runs the same code.
 */
@NullMarked
package io.tidemark.server.freshness;

import org.jspecify.annotations.NullMarked;
