// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

/** The change index does not show a commit: it is below the engine's horizon by now, or something is broken. */
final class MissingCommitException extends IllegalStateException {

    MissingCommitException(long index) {
        super("the commit at index " + index + " is missing");
    }
}
