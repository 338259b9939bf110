// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The disk refused an operation. The last durable state stands; the next call tries again. */
public final class EngineIoException extends EngineException {
    EngineIoException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Sorts what the operating system said into the errors that a caller can tell apart. */
    static EngineException of(IOException cause) {
        String said = String.valueOf(cause.getMessage());
        if (said.contains("No space left") || said.contains("quota exceeded")) {
            return new EngineFullException(
                    "the disk is full: " + said + " (nothing of this call was applied; make room and call again)",
                    cause);
        }
        return new EngineIoException("disk: " + cause, cause);
    }
}
