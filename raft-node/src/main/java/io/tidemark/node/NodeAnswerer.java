// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.consensus.Role;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.server.call.Answerer;
import java.util.function.Supplier;

/** A node, as the headers of its answers say. */
record NodeAnswerer(NodeGroup group, Supplier<TopologyVersion> topology) implements Answerer {

    @Override
    public String serverId() {
        return group.selfId();
    }

    @Override
    public ServerRole role() {
        Role role = group.role();
        if (role == Role.LEADER) {
            return ServerRole.SERVER_ROLE_LEADER;
        }
        boolean votes = group.membership().voters().stream()
                .anyMatch(member -> member.id().equals(group.selfId()));
        return votes ? ServerRole.SERVER_ROLE_FOLLOWER : ServerRole.SERVER_ROLE_JOINING;
    }

    @Override
    public long term() {
        return group.term();
    }

    @Override
    public TopologyVersion topologyVersion() {
        return topology.get();
    }
}
