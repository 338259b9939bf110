// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

/** What makes a server process a node or a replica. */
public interface ServerRole {

    /** Builds the role and opens its ports. Whatever may take long goes on after it, and is a check of readiness until then. */
    void open(Opening opening);
}
