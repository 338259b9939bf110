// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * What background work has failed with and nobody has been told yet. A corruption is told at every call; anything else
 * once, and telling it lets the work be tried again. Guarded by the engine's mutex.
 */
final class Failures {
    private @Nullable EngineException untold;
    private @Nullable CorruptionException lasting;

    static EngineException typed(Throwable cause) {
        if (cause instanceof EngineException known) {
            return known;
        }
        if (cause instanceof IOException disk) {
            return EngineIoException.of(disk);
        }
        if (cause instanceof UncheckedIOException && cause.getCause() instanceof IOException disk) {
            return EngineIoException.of(disk);
        }
        return new EngineIoException("background work: " + cause, cause);
    }

    void note(EngineException failure, boolean told) {
        if (failure instanceof CorruptionException corruption) {
            lasting = corruption;
        } else if (!told) {
            untold = failure;
        }
    }

    void tell() {
        if (lasting != null) {
            throw lasting;
        }
        if (untold != null) {
            EngineException failure = untold;
            untold = null;
            throw failure;
        }
    }
}
