// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;

class ReconnectingRpcTest {

    private static final RequestVoteRequestProto REQUEST = RequestVoteRequestProto.newBuilder()
            .setServerRequest(RaftRpcRequestProto.newBuilder().setReplyId(ByteString.copyFromUtf8("n2")))
            .build();

    private final Deque<Object> outcomes = new ArrayDeque<>();
    private final List<String> calls = new ArrayList<>();
    private final ReconnectingRpc rpc = new ReconnectingRpc((RaftServerRpc) Proxy.newProxyInstance(
            ReconnectingRpcTest.class.getClassLoader(), new Class<?>[] {RaftServerRpc.class}, (self, method, args) -> {
                if (method.getName().equals("handleException")) {
                    calls.add("reconnect " + args[0] + " " + args[2]);
                    return null;
                }
                calls.add(method.getName());
                Object outcome = outcomes.remove();
                if (outcome instanceof Throwable failure) {
                    throw failure;
                }
                return outcome;
            }));

    @Test
    void shouldAskAgainOverANewConnectionWhereTheOldOneIsBroken() throws IOException {
        RequestVoteReplyProto reply =
                RequestVoteReplyProto.newBuilder().setTerm(7).build();
        outcomes.add(new StatusRuntimeException(Status.UNAVAILABLE));
        outcomes.add(reply);

        assertThat(rpc.requestVote(REQUEST)).isEqualTo(reply);

        assertThat(calls).containsExactly("requestVote", "reconnect n2 true", "requestVote");
    }

    @Test
    void shouldGiveUpWhereTheNewConnectionIsBrokenToo() {
        outcomes.add(new StatusRuntimeException(Status.UNAVAILABLE));
        outcomes.add(new StatusRuntimeException(Status.UNAVAILABLE));

        assertThatThrownBy(() -> rpc.requestVote(REQUEST)).isInstanceOf(StatusRuntimeException.class);

        assertThat(outcomes).isEmpty();
    }

    @Test
    void shouldAskOnceWhoAnswersWithAnotherFailure() {
        outcomes.add(new StatusRuntimeException(Status.DEADLINE_EXCEEDED));

        assertThatThrownBy(() -> rpc.requestVote(REQUEST)).isInstanceOf(StatusRuntimeException.class);

        assertThat(calls).containsExactly("requestVote");
    }
}
