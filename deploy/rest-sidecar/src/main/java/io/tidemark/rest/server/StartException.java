// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

/** A sidecar cannot start; the message says why, and what to do. */
public final class StartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StartException(String message) {
        super(message);
    }
}
