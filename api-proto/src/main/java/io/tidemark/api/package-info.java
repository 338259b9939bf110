// SPDX-License-Identifier: Apache-2.0

/**
 * The little code that every party of the contract must agree on: where a row lives (see ShardHash).
 */
@NullMarked
package io.tidemark.api;

import org.jspecify.annotations.NullMarked;
