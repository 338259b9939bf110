// SPDX-License-Identifier: Apache-2.0

/**
 * The rules of requests, as pure functions. The server's edge uses them to refuse early and to bring requests into the one
 * form that the log holds ({@link io.tidemark.store.validate.Normalizer}); the transition function uses the same rules on
 * every command, so that a malformed one is an error result and never an exception.
 *
 * <p>All of them throw {@link io.tidemark.store.RefusedException}, which carries the error with its field violations.
 */
@NullMarked
package io.tidemark.store.validate;

import org.jspecify.annotations.NullMarked;
