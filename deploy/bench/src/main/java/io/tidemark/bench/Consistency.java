// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

/** What a get asks for. */
public enum Consistency {
    /** The newest acknowledged state. */
    LINEARIZABLE,
    /** Everything acknowledged up to a bound ago. */
    BOUNDED,
    /** Some state that the server has applied. */
    EVENTUAL
}
