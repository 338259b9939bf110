// SPDX-License-Identifier: Apache-2.0

/** How the state lies in an engine: which spaces there are, and how keys and values of each are written. */
@NullMarked
package io.tidemark.store.format;

import org.jspecify.annotations.NullMarked;
