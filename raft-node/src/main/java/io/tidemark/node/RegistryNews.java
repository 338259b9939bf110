// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.registry.RegistryListener;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.server.upkeep.Alarms;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes on what the leader's registrar tells: to the topology, and to people. */
record RegistryNews(String nodeId, Runnable topology, Alarms alarms) implements RegistryListener {

    private static final Logger LOG = LoggerFactory.getLogger(RegistryNews.class);

    @Override
    public void replicasChanged() {
        topology.run();
    }

    @Override
    public void stormBegan(int silent, int replicas) {
        String message =
                silent + " of " + replicas + " replicas are silent, more than a third: none of them is taken for"
                        + " lost. Look at the network between them and the nodes; remove those that will not come back.";
        LOG.warn("storm silent={} replicas={}", silent, replicas);
        alarms.raise(AlarmKind.ALARM_KIND_REPLICAS_SILENT, Map.of("node", nodeId), message);
    }

    @Override
    public void stormEnded() {
        LOG.info("storm ended");
        alarms.clear(AlarmKind.ALARM_KIND_REPLICAS_SILENT, Map.of("node", nodeId));
    }
}
