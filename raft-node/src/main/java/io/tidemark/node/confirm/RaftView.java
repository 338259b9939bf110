// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.node.consensus.Role;
import java.util.Optional;

/** What this node knows of its Raft group at the moment of asking. For any thread; no call may wait. */
public interface RaftView {

    Role role();

    /** The highest term that this node has heard of. A vote for a term shows here before the vote is given. Never falls. */
    long term();

    /** Whether this node leads and has applied the first entry of its term. */
    boolean isReady();

    /** The Raft index up to which this node knows the log to be committed; on a leader, all that it acknowledged lies in it. */
    long commitIndex();

    /** The latest configuration in this node's log, committed or not. */
    Membership membership();

    /** Who this node believes to lead in its term; empty if it knows of none. */
    Optional<Member> leader();
}
