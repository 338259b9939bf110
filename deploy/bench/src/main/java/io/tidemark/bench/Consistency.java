// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

/** What a get asks for. */
public enum Consistency {
    /** The newest acknowledged state. */
    LINEARIZABLE,
    /** Everything acknowledged up to a bound ago. */
    BOUNDED,
    /** At least what was there when the load began; by the SDK, what it has written and seen meanwhile, and up to a bound ago. */
    SESSION,
    /** Some state that the server has applied. */
    EVENTUAL
}
