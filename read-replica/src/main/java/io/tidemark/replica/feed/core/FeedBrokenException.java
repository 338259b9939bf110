// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

/** An upstream said what it may not say, or what is not understood here: its stream is of no more use. */
final class FeedBrokenException extends RuntimeException {

    private static final long serialVersionUID = 1;

    FeedBrokenException(String message) {
        super(message, null, false, false);
    }

    FeedBrokenException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause, false, false);
    }
}
