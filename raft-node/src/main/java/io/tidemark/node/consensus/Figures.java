// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The figures of one node, read where they are. */
record Figures(Consensus consensus, CommitPush push, RatisFigures ratis, Path logDirectory)
        implements ConsensusFigures {

    private static final String ELECTIONS = "ratis.leader_election.electionCount";

    @Override
    public long term() {
        return consensus.term();
    }

    @Override
    public Role role() {
        return consensus.role();
    }

    @Override
    public Optional<String> leader() {
        return consensus.leader().map(Member::id);
    }

    @Override
    public Duration leaderSilence() {
        return consensus.leaderSilence();
    }

    @Override
    public long commitIndex() {
        return consensus.commitIndex();
    }

    @Override
    public long appliedIndex() {
        return consensus.appliedIndex();
    }

    @Override
    public long firstLogIndex() {
        return consensus.firstLogIndex();
    }

    @Override
    public long logBytes() {
        long bytes = 0;
        try {
            for (Path file : Disk.children(logDirectory)) {
                if (String.valueOf(file.getFileName()).startsWith("log_")) {
                    bytes += sizeOf(file);
                }
            }
        } catch (IOException e) {
            return -1;
        }
        return bytes;
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException dropped) {
            return 0;
        }
    }

    @Override
    public long electionsBegun() {
        return (long) ratis.value(ELECTIONS);
    }

    @Override
    public Map<String, Long> followerLag() {
        long last = consensus.lastLogIndex();
        Map<String, Long> lag = new HashMap<>();
        push.progress().forEach(follower -> lag.put(follower.id(), Math.max(0, last - follower.matchIndex())));
        return lag;
    }

    @Override
    public void watch(FigureListener listener) {
        ratis.watch(listener);
    }

    @Override
    public void unwatch(FigureListener listener) {
        ratis.unwatch(listener);
    }
}
