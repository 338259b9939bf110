// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/**
 * The disk is full: a checkpoint found no room. The last durable state stands, and nothing of the refused call was applied. The
 * checkpoint is tried again at the next call; once there is room, calls succeed, after at most one that still tells of the
 * failure. A compaction that finds no room is not told here unless somebody asked for it.
 */
public final class EngineFullException extends EngineException {
    EngineFullException(String message, Throwable cause) {
        super(message, cause);
    }
}
