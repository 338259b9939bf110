// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import io.tidemark.proto.v1.FirstMember;
import io.tidemark.server.config.ValueType;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One element of {@code cluster.nodes}: {@code n1@10.0.0.1}, or with ports that are not the usual {@code
 * n1@10.0.0.1:7400/7401/7402} (client, internal, raft).
 */
public record FirstNode(String id, String host, int clientPort, int internalPort, int raftPort) {

    private static final Pattern TEXT = Pattern.compile(
            "([a-z0-9][a-z0-9-]{0,62})@([0-9a-zA-Z._-]{1,253}|\\[[0-9a-fA-F:.]{2,45}])(?::(\\d{1,5})/(\\d{1,5})/(\\d{1,5}))?");
    private static final int CLIENT_PORT = 7400;
    private static final int INTERNAL_PORT = 7401;
    private static final int RAFT_PORT = 7402;
    private static final int PORT_MAX = 65_535;

    /** As it is configured. */
    public static ValueType<FirstNode> type() {
        return new ValueType<>(
                "id@host or id@host:client/internal/raft, as in n1@10.0.0.1:7400/7401/7402", FirstNode::parse);
    }

    private static FirstNode parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not as expected");
        }
        if (matcher.group(3) == null) {
            return new FirstNode(matcher.group(1), matcher.group(2), CLIENT_PORT, INTERNAL_PORT, RAFT_PORT);
        }
        return new FirstNode(
                matcher.group(1),
                matcher.group(2),
                port(matcher.group(3)),
                port(matcher.group(4)),
                port(matcher.group(5)));
    }

    private static int port(String text) {
        int port = Integer.parseInt(text);
        if (port < 1 || port > PORT_MAX) {
            throw new IllegalArgumentException("not a port that others can reach");
        }
        return port;
    }

    /** Where other servers reach it. */
    public String internalAddress() {
        return host + ":" + internalPort;
    }

    /** As the birth of a cluster has it. */
    public FirstMember toMember() {
        return FirstMember.newBuilder()
                .setNodeId(id)
                .setRaftAddress(host + ":" + raftPort)
                .setInternalAddress(host + ":" + internalPort)
                .setClientAddress(host + ":" + clientPort)
                .build();
    }
}
