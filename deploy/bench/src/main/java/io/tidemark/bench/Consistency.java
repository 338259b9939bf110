// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

/** What a get asks for. */
public enum Consistency {
    /** The newest acknowledged state. */
    LINEARIZABLE,
    /** Everything acknowledged up to a bound ago. */
    BOUNDED,
    /** Everything that this client wrote or saw, and up to a bound; by the SDK only. */
    SESSION,
    /** Some state that the server has applied. */
    EVENTUAL
}
