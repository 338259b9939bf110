// SPDX-License-Identifier: Apache-2.0

/** Tests of what users see, over a dispatcher that keeps its rows in memory. */
@NullMarked
package io.tidemark.client;

import org.jspecify.annotations.NullMarked;
