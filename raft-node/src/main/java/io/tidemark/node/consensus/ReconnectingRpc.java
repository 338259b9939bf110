// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;

/**
 * Ratis's connections between members, but for one thing: a vote is asked for over a new connection where the old one is broken.
 *
 * <p>A connection to a member that was down for a while waits seconds, and then minutes, before it is tried again, and Ratis hurries
 * those of a leader alone. A candidate would be refused by a member that is long back, and lose the election for it.
 */
record ReconnectingRpc(RaftServerRpc connections) implements GrpcServices {

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
        try {
            return connections.requestVote(request);
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                throw e;
            }
            handleException(RaftPeerId.valueOf(request.getServerRequest().getReplyId()), e, true);
            return connections.requestVote(request);
        }
    }

    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) throws IOException {
        return connections.appendEntries(request);
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) throws IOException {
        return connections.installSnapshot(request);
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        return connections.startLeaderElection(request);
    }

    @Override
    public void handleException(RaftPeerId member, Exception failure, boolean reconnect) {
        connections.handleException(member, failure, reconnect);
    }

    @Override
    public void notifyNotLeader(RaftGroupId group) {
        connections.notifyNotLeader(group);
    }

    @Override
    public RaftServerAsynchronousProtocol async() {
        return connections.async();
    }

    @Override
    public void addRaftPeers(Collection<RaftPeer> members) {
        connections.addRaftPeers(members);
    }

    @Override
    public RpcType getRpcType() {
        return connections.getRpcType();
    }

    @Override
    public InetSocketAddress getInetSocketAddress() {
        return connections.getInetSocketAddress();
    }

    @Override
    public InetSocketAddress getClientServerAddress() {
        return connections.getClientServerAddress();
    }

    @Override
    public InetSocketAddress getAdminServerAddress() {
        return connections.getAdminServerAddress();
    }

    @Override
    public void start() throws IOException {
        connections.start();
    }

    @Override
    public void close() throws IOException {
        connections.close();
    }
}
