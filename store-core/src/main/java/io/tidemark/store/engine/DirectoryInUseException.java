// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import org.jspecify.annotations.Nullable;

/** Another engine, in this process or another, has the directory open. */
public final class DirectoryInUseException extends EngineException {
    DirectoryInUseException(String directory, @Nullable Throwable cause) {
        super("directory in use by another engine: " + directory, cause);
    }
}
