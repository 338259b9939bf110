// SPDX-License-Identifier: Apache-2.0

/** The writer: Ratis state machine, write path, leadership confirmation, registry of replicas. */
@NullMarked
package io.tidemark.node;

import org.jspecify.annotations.NullMarked;
