// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import org.jspecify.annotations.Nullable;

/** Row versions in the order of their encoded keys, or its reverse. */
interface RowCursor {
    @Nullable EncodedRow next();
}
