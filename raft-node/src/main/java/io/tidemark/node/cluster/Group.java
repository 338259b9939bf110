// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import io.tidemark.node.consensus.ChangeOutcome;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The Raft group as this node sees it, and how its members are changed. For any thread. */
public interface Group {

    String selfId();

    /** Leads, has applied the first entry of its term, and has had its clock compared. */
    boolean leads();

    long term();

    /** Who leads, as far as is known. */
    Optional<Member> leader();

    /** As of the latest configuration in the log, committed or not. */
    Membership membership();

    long raftCommitIndex();

    CompletableFuture<ChangeOutcome> change(Set<Member> expected, Set<Member> wanted);

    /**
     * Hands leadership over.
     *
     * @param to null: whoever is furthest
     */
    CompletableFuture<ChangeOutcome> transfer(@Nullable String to, Duration within);
}
