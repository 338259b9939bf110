// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

/** A load could not go on; the message says why. */
public final class LoadFailedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    LoadFailedException(String message) {
        super(message);
    }

    LoadFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
