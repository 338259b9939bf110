// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import org.jspecify.annotations.Nullable;

/** An outcome and the commit that brought it about, if one did; before anything is remembered. */
record Settled(Outcome outcome, @Nullable Commit commit) {}
