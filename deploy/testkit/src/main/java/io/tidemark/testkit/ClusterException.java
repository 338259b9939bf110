// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

/** A cluster of a test could not do what was asked of it. The message says why, and what would help. */
public final class ClusterException extends RuntimeException {

    private static final long serialVersionUID = 1;

    ClusterException(String message) {
        super(message);
    }

    ClusterException(String message, Throwable cause) {
        super(message, cause);
    }
}
