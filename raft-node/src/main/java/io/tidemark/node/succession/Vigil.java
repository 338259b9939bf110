// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.succession;

import io.tidemark.node.consensus.Member;

/** Notices when the connection to the leader ends. */
public interface Vigil {

    /**
     * From now on over this one, and over nobody else.
     *
     * @param lost called whenever the connection to it ended, or could not be made
     */
    void keep(Member leader, Runnable lost);

    /** Over nobody. */
    void end();
}
