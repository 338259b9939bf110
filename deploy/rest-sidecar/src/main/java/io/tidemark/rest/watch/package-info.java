// SPDX-License-Identifier: Apache-2.0

/** Watches as server-sent events. */
@NullMarked
package io.tidemark.rest.watch;

import org.jspecify.annotations.NullMarked;
