// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/** The engine was closed, so it is asked for nothing new. Views that were open go on until they are closed. */
public final class EngineClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1;

    EngineClosedException() {
        super("engine is closed");
    }
}
