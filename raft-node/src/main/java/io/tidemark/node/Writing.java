// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.confirm.ClockComparison;
import io.tidemark.node.sweep.SweepOptions;
import io.tidemark.node.sweep.Sweeper;
import io.tidemark.node.write.NodeWriteOptions;
import io.tidemark.node.write.NodeWrites;
import io.tidemark.node.write.WritePath;
import io.tidemark.server.call.Headers;
import io.tidemark.server.service.RowForms;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * How writes become entries of the log, those of clients and the node's own.
 *
 * @param proposals what the node itself decides: the registry of replicas, the horizon
 */
record Writing(WritePath path, NodeWrites writes, Sweeper sweeper, CommandProposals proposals) {

    /** @param usableBytes how much room the disk has */
    static Writing on(Ground ground, ClockComparison clocks, Headers headers, LongSupplier usableBytes) {
        NodeGroup group = ground.group();
        WritePath path = new WritePath(
                group,
                ground.config().writeLimits(),
                ground.ticker(),
                clocks::credibleWallNanos,
                () -> ground.place().store().transitionVersion(),
                ground.pools().answers());
        Sweeper sweeper = new Sweeper(
                ground.place()::store,
                path,
                group,
                SweepOptions.defaults(),
                ground.ticker(),
                ground.timers(),
                ground.pools().sweeps());
        NodeWrites writes = new NodeWrites(
                ground.selfId(),
                ground.place()::store,
                group,
                path,
                ground.forwarder(),
                RowForms::formOrBytes,
                headers::ofWrite,
                NodeWriteOptions.defaults().within(ground.config().limits()),
                usableBytes,
                ground.ticker(),
                ground.resuming(),
                () -> ThreadLocalRandom.current().nextDouble(),
                sweeper::tableDropped);
        return new Writing(path, writes, sweeper, new CommandProposals(path, ground.ticker()));
    }
}
