// SPDX-License-Identifier: Apache-2.0

/**
 * Rows on their way to another store: a bootstrap or a backup, in chunks with checksums, in the order of their names.
 */
@NullMarked
package io.tidemark.store.copy;

import org.jspecify.annotations.NullMarked;
