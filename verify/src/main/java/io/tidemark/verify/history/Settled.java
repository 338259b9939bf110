// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

/** A write of which it is known where in history it stands. */
record Settled(Operation operation, long index) {

    boolean isAcknowledged() {
        return operation.outcome() instanceof Outcome.Written;
    }
}
