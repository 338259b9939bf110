// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import org.jspecify.annotations.Nullable;

/** A file does not hold what was written to it. Quarantine the directory and install a checkpoint from elsewhere. */
public final class CorruptionException extends EngineException {
    private final String file;
    private final long offset;

    CorruptionException(String file, long offset, String what) {
        this(file, offset, what, null);
    }

    CorruptionException(String file, long offset, String what, @Nullable Throwable cause) {
        super("file: " + file + ", offset: " + (offset < 0 ? "unknown" : offset) + ": " + what, cause);
        this.file = file;
        this.offset = offset;
    }

    public String file() {
        return file;
    }

    /** The byte where the damage was noticed, or -1 when it cannot be told. */
    public long offset() {
        return offset;
    }
}
