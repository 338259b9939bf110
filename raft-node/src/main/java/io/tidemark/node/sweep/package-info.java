// SPDX-License-Identifier: Apache-2.0

/** What the leader writes of its own accord: expiries, and the rows of tables that are being dropped. */
@NullMarked
package io.tidemark.node.sweep;

import org.jspecify.annotations.NullMarked;
