// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.replicas;

import io.tidemark.bench.Consistency;

/**
 * One load of gets.
 *
 * @param name of its row in the table
 * @param echo whether the bare server is asked, and not the replica
 */
record ReadMeasure(String name, boolean echo, Consistency consistency) {

    /** The neighbour comes first: everything else is divided by it. */
    static final ReadMeasure ECHO = new ReadMeasure("bare gRPC echo", true, Consistency.EVENTUAL);

    static final ReadMeasure SESSION = new ReadMeasure("session get", false, Consistency.SESSION);
    static final ReadMeasure BOUNDED = new ReadMeasure("bounded get", false, Consistency.BOUNDED);
    static final ReadMeasure LINEARIZABLE = new ReadMeasure("linearizable get", false, Consistency.LINEARIZABLE);
}
