// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.grpc.GrpcFactory;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/**
 * Ratis over gRPC as it is, but for what {@link CommitPush} and {@link ReconnectingRpc} add. Ratis makes one of these by the name of
 * the class.
 */
final class PushingRpc implements RpcType {

    private static final String PUSH = PushingRpc.class.getName();

    static Parameters parameters(CommitPush push) {
        Parameters parameters = new Parameters();
        CommitPush unused = parameters.put(PUSH, push, CommitPush.class);
        return parameters;
    }

    @Override
    public String name() {
        return PushingRpc.class.getName();
    }

    @Override
    public RpcFactory newFactory(Parameters parameters) {
        return new PushingFactory(parameters, parameters.getNonNull(PUSH, CommitPush.class));
    }

    private static final class PushingFactory extends GrpcFactory {
        private final CommitPush push;

        PushingFactory(Parameters parameters, CommitPush push) {
            super(parameters);
            this.push = push;
        }

        @Override
        public GrpcServices newRaftServerRpc(RaftServer server) {
            return new ReconnectingRpc(super.newRaftServerRpc(server));
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division division, LeaderState leader, FollowerInfo follower) {
            return push.newAppender(division, leader, follower);
        }
    }
}
