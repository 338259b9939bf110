// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import org.jspecify.annotations.Nullable;

/** What can go wrong in an engine. Each subclass tells the caller what to do. */
public abstract class EngineException extends RuntimeException {
    EngineException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
