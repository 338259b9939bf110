// SPDX-License-Identifier: Apache-2.0

/** Time that tests move by hand. */
@NullMarked
package io.tidemark.client.internal.time;

import org.jspecify.annotations.NullMarked;
