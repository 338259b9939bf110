// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.json;

/** The bytes are not JSON as {@link JsonReader} defines it. The message says what, and at which byte. */
public final class NotJsonException extends Exception {

    NotJsonException(String problem, int offset) {
        super(problem + " at byte " + offset, null, false, false);
    }
}
