// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

/** What a get asks for. */
public enum Consistency {
    /** The newest acknowledged state. */
    LINEARIZABLE,
    /** Everything acknowledged up to a bound ago. */
    BOUNDED,
    /** At least the state that was there when the load began, as a session's floor asks for. */
    SESSION,
    /** Some state that the server has applied. */
    EVENTUAL
}
