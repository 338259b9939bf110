// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

/** An order cannot be carried out; the message says why, and what could be. */
final class OrderException extends RuntimeException {

    private static final long serialVersionUID = 1;

    OrderException(String message) {
        super(message);
    }
}
