// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/**
 * The disk is full. The last durable state stands, and nothing of the refused call was applied. The background work is
 * tried again at the next call; once there is room, calls succeed.
 */
public final class EngineFullException extends EngineException {
    EngineFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
