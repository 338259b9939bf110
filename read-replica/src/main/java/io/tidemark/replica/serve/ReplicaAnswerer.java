// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.server.call.Answerer;
import java.util.function.LongSupplier;

/** A replica, as the headers of its answers say. */
public record ReplicaAnswerer(String serverId, KnownTopology topology, LongSupplier newestTerm) implements Answerer {

    @Override
    public ServerRole role() {
        return ServerRole.SERVER_ROLE_REPLICA;
    }

    @Override
    public long term() {
        return Math.max(newestTerm.getAsLong(), topologyVersion().getTerm());
    }

    @Override
    public TopologyVersion topologyVersion() {
        return topology.current().getVersion();
    }
}
