// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.copy;

/** A copy came whole, and is not what its sender has applied: what lies on the sender's disk is wrong, or what it knows of it. */
public final class DifferentCopyException extends DamagedCopyException {

    public DifferentCopyException(String message) {
        super(message);
    }
}
