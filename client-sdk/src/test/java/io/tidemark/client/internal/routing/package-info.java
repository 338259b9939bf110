// SPDX-License-Identifier: Apache-2.0

/** Who is chosen. */
@NullMarked
package io.tidemark.client.internal.routing;

import org.jspecify.annotations.NullMarked;
