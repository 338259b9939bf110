// SPDX-License-Identifier: Apache-2.0

/** Routes: from the contract's {@code google.api.http} annotations and of our own. Start at {@link io.tidemark.rest.routing.Router}. */
@NullMarked
package io.tidemark.rest.routing;

import org.jspecify.annotations.NullMarked;
