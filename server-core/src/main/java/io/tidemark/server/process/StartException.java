// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

/** A server cannot start for a reason that its operator can mend; the message says which. */
public final class StartException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public StartException(String message) {
        super(message);
    }

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
