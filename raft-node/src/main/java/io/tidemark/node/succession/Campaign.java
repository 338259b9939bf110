// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.succession;

import io.tidemark.node.consensus.LogEnd;
import io.tidemark.node.consensus.Member;

/** This node's part in the group, as far as succession goes. For any thread; no call may wait. */
public interface Campaign {

    /** The last entry of this node's log, committed or not. */
    LogEnd logEnd();

    /** How many entries of its log this node has not applied yet. */
    long unappliedEntries();

    /** Has this node campaign at once, if it still follows that leader. */
    void begin(Member gone);
}
