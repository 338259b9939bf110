// SPDX-License-Identifier: Apache-2.0

/**
 * Who leads after a leader whose process has ended: {@code docs/decisions/0052-a-death-is-seen.md} and {@code
 * docs/decisions/0103-who-has-applied-its-log-leads.md}. Starting point: {@link
 * io.tidemark.node.succession.Succession}.
 */
@NullMarked
package io.tidemark.node.succession;

import org.jspecify.annotations.NullMarked;
