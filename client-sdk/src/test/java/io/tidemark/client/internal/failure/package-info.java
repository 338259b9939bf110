// SPDX-License-Identifier: Apache-2.0

/** What failures mean. */
@NullMarked
package io.tidemark.client.internal.failure;

import org.jspecify.annotations.NullMarked;
