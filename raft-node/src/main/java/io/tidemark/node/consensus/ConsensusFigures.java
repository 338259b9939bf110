// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What operators watch. Every call is for any thread, and tells how it is now. */
public interface ConsensusFigures {

    long term();

    Role role();

    /** The id of who is believed to lead. */
    Optional<String> leader();

    /** How long ago this node last heard from its leader; zero where it does not follow anybody. */
    Duration leaderSilence();

    long commitIndex();

    long appliedIndex();

    /** -1: the log is empty. */
    long firstLogIndex();

    /** What the files of the log take on disk. Lists a directory. */
    long logBytes();

    /** How many elections this node has begun since it started. */
    long electionsBegun();

    /** Of each other voter, by id, how many entries it is behind; empty while this node does not lead. */
    Map<String, Long> followerLag();

    /** Tells a listener all figures of Ratis, those that there are and those to come. */
    void watch(FigureListener listener);

    void unwatch(FigureListener listener);
}
