// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.node.consensus.Consensus;
import io.tidemark.node.consensus.ConsensusListener;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Leadership as a node's consensus sees it. */
final class ConsensusLeadership implements Leadership, ConsensusListener {

    private final String self;
    private final List<Runnable> calls = new CopyOnWriteArrayList<>();
    private volatile @Nullable Consensus consensus;

    ConsensusLeadership(String self) {
        this.self = self;
    }

    void of(Consensus started) {
        consensus = started;
        changed();
    }

    @Override
    public boolean isReady() {
        Consensus now = consensus;
        return now != null && now.isReady();
    }

    @Override
    public Optional<Leader> other() {
        Consensus now = consensus;
        return Optional.ofNullable(now)
                .flatMap(Consensus::leader)
                .filter(member -> !member.id().equals(self))
                .map(member -> new Leader(member.id(), member.internalAddress()));
    }

    @Override
    public void onChange(Runnable call) {
        calls.add(call);
    }

    private void changed() {
        calls.forEach(Runnable::run);
    }

    @Override
    public void leaderChanged(@Nullable String leaderId) {
        changed();
    }

    @Override
    public void ready(long term) {
        changed();
    }

    @Override
    public void leadershipLost() {
        changed();
    }
}
