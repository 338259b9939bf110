// SPDX-License-Identifier: Apache-2.0

/**
 * Histories: what clients did and what they were told, and whether a store that keeps its promises could have told them so.
 * {@link io.tidemark.verify.history.Checks} judges a {@link io.tidemark.verify.history.History}.
 */
@NullMarked
package io.tidemark.verify.history;

import org.jspecify.annotations.NullMarked;
