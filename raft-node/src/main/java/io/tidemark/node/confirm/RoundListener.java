// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

/** Hears of each round that has ended. On any thread; quick. */
@FunctionalInterface
public interface RoundListener {

    void ended(boolean isConfirmed, long nanos);
}
