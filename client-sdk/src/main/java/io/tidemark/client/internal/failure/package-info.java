// SPDX-License-Identifier: Apache-2.0

/** What a failed attempt means: whether to go on, whether a write is open, and which exception the caller gets. */
@NullMarked
package io.tidemark.client.internal.failure;

import org.jspecify.annotations.NullMarked;
