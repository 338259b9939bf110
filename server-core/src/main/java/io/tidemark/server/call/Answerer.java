// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.call;

import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.TopologyVersion;

/** Who answers, as the headers of answers say it. Role, term and topology may change from one call to the next. */
public interface Answerer {

    String serverId();

    ServerRole role();

    /** The Raft term that this server last knew. */
    long term();

    /** The topology that this server acts by. */
    TopologyVersion topologyVersion();
}
