// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

/**
 * The log holds what this software does not know: a newer version of the transition function, or a command. This node must
 * stop before it applies anything of the entry, and go on only with newer software.
 */
public final class UnknownEntryException extends RuntimeException {

    UnknownEntryException(String message) {
        super(message);
    }
}
