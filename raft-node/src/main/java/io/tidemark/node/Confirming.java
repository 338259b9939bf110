// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.confirm.AppliedRaft;
import io.tidemark.node.confirm.ClockComparison;
import io.tidemark.node.confirm.ConfirmationHandlers;
import io.tidemark.node.confirm.GrpcPeers;
import io.tidemark.node.confirm.Identity;
import io.tidemark.node.confirm.LeaderRounds;
import io.tidemark.node.confirm.NodeFreshness;
import io.tidemark.node.confirm.RemoteRounds;
import io.tidemark.node.confirm.TermAnswers;
import java.time.Duration;
import java.util.function.Consumer;

/** How a node knows that its leader still leads, and so how fresh its store is. */
record Confirming(
        ClockComparison clocks,
        GrpcPeers peers,
        LeaderRounds leaderRounds,
        RemoteRounds remoteRounds,
        AppliedRaft applied,
        NodeFreshness freshness,
        ConfirmationHandlers handlers) {

    /** @param clockOff told when this leader's clock is off, and by how much */
    static Confirming on(Ground ground, Consumer<Duration> clockOff) {
        NodeConfig config = ground.config();
        NodeGroup group = ground.group();
        Identity identity = new Identity(ground.clusterId(), ground.selfId(), ground.place()::history);
        ClockComparison clocks = new ClockComparison(config.confirm().clockOffMax(), clockOff);
        GrpcPeers peers = new GrpcPeers(ground.channels());
        LeaderRounds leaderRounds = new LeaderRounds(
                identity, group.beneath(), peers, ground.ticker(), ground.timers(), config.confirm(), clocks);
        TermAnswers terms = new TermAnswers(identity, group, ground.ticker());
        RemoteRounds remoteRounds = new RemoteRounds(
                identity, group, peers, leaderRounds, terms, ground.ticker(), ground.timers(), config.confirm());
        AppliedRaft applied = new AppliedRaft(ground.pools().proving());
        NodeFreshness freshness = new NodeFreshness(
                identity,
                group,
                leaderRounds,
                remoteRounds,
                applied,
                ground.place()::index,
                ground.pools().proving());
        group.onChange(remoteRounds::leaderChanged);
        return new Confirming(
                clocks,
                peers,
                leaderRounds,
                remoteRounds,
                applied,
                freshness,
                new ConfirmationHandlers(identity, group, terms, leaderRounds));
    }
}
