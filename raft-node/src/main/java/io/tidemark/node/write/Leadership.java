// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import java.util.Optional;

/** Who leads, as far as this node knows. For any thread. */
public interface Leadership {

    /**
     * Another node that leads.
     *
     * @param internalAddress host:port of its internal port
     */
    record Leader(String id, String internalAddress) {}

    /**
     * Whether this node leads, has applied the first entry of its term, and has had its clock compared, so that it can take writes.
     */
    boolean isReady();

    /** Who else leads; empty if that is not known, or if it is this node. May be wrong. */
    Optional<Leader> other();

    /** Has a call made after every change of what the other methods say. It is quick and does not throw. */
    void onChange(Runnable call);
}
