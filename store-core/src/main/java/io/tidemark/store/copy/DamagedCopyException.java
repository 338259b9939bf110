// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.copy;

import org.jspecify.annotations.Nullable;

/** A copy or a backup does not hold what was written to it. Nothing of the damaged part was taken over. */
public class DamagedCopyException extends RuntimeException {

    public DamagedCopyException(String message) {
        this(message, null);
    }

    public DamagedCopyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
