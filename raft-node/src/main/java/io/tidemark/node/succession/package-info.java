// SPDX-License-Identifier: Apache-2.0

/**
 * Who leads after a leader whose process has ended: {@code docs/decisions/0052-a-death-is-seen.md}. Starting point: {@link
 * io.tidemark.node.succession.Succession}.
 */
@NullMarked
package io.tidemark.node.succession;

import org.jspecify.annotations.NullMarked;
