// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.cluster.HandOver;
import io.tidemark.node.maintenance.DigestComparison;
import io.tidemark.node.maintenance.LeaderRemoval;
import io.tidemark.node.maintenance.MaintenanceService;
import io.tidemark.node.maintenance.PassingOn;
import io.tidemark.server.call.Headers;
import io.tidemark.server.process.Opening;
import io.tidemark.server.process.ServerProcess;
import io.tidemark.server.upkeep.BackupOptions;
import io.tidemark.server.upkeep.Backups;
import io.tidemark.server.upkeep.Checkpoints;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.server.upkeep.StatusReport;

/** What operators ask of this node itself. */
record Maintaining(Backups backups, Digests digests, NodeUpkeep upkeep) {

    static Maintaining on(Ground ground, Opening opening, Headers headers, Writing writing) {
        Backups backups = new Backups(
                ground.place(),
                ground.selfId(),
                headers::ofNoState,
                BackupOptions.defaults(),
                ground.ticker(),
                ground.timers(),
                ground.pools().upkeep()::goOn);
        Digests digests = new Digests(headers::ofNoState);
        NodeUpkeep upkeep = new NodeUpkeep(
                ground.group(),
                ground.place(),
                headers,
                new StatusReport(
                        opening.readiness(),
                        ground.alarms(),
                        opening.directory().toFile()::getUsableSpace,
                        ground.ticker()),
                new Checkpoints(headers::ofNoState, ground.pools().upkeep()::goOn),
                digests,
                backups,
                writing.path(),
                writing.proposals(),
                ground.pools().upkeep(),
                ground.config().server().zone(),
                ServerProcess.version());
        return new Maintaining(backups, digests, upkeep);
    }

    /** And of the cluster, through it. */
    MaintenanceService service(Ground ground, Following following) {
        NodeGroup group = ground.group();
        PassingOn passingOn =
                new PassingOn(group, following.topology()::current, ground.forwarder(), ground.channels());
        HandOver handOver =
                new HandOver(group, ground.inquiries(), ground.config().raft().electionMax());
        return new MaintenanceService(
                group,
                upkeep,
                following.members(),
                handOver,
                new LeaderRemoval(handOver, passingOn, ground.timers()),
                new DigestComparison(
                        ground.selfId(),
                        following.topology()::current,
                        ground.channels(),
                        ground.pools().upkeep()),
                passingOn,
                following.registrar());
    }
}
