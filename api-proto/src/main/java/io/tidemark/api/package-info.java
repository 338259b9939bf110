// SPDX-License-Identifier: Apache-2.0

/**
 * The little code that every party of the contract must agree on.
 *
 * <p>Start with {@link io.tidemark.api.ShardHash} (which shard a row belongs to), {@link io.tidemark.api.SessionToken}
 * (how far a session has seen), {@link io.tidemark.api.ErrorStatus} (what a failed call says), and
 * {@link io.tidemark.api.UnknownFields} (what a request says that this version does not know). The rules are specified
 * for other languages in {@code docs/wire-contract.md}.
 */
@NullMarked
package io.tidemark.api;

import org.jspecify.annotations.NullMarked;
