// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.NodeStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Asks the nodes who leads. Thread-safe. */
final class LeaderSearch implements AutoCloseable {

    static final String LEADER = "leader";
    static final String FOLLOWER = "follower";

    private static final long ANSWER_MILLIS = 3_000;

    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    /** What a node says. */
    private record Word(long term, String leader) {}

    /** Whom a user means, who may say {@code leader} or {@code follower}. */
    String idOf(String name, List<ServerState> servers) {
        if (!name.equals(LEADER) && !name.equals(FOLLOWER)) {
            return name;
        }
        String leader = leader(servers)
                .orElseThrow(() -> new OrderException("no node leads at present (expected: one; or name a server)"));
        if (name.equals(LEADER)) {
            return leader;
        }
        return askable(servers).stream()
                .map(server -> server.plan().id())
                .filter(id -> !id.equals(leader))
                .findFirst()
                .orElseThrow(() -> new OrderException("no node follows at present (expected: one; or name a server)"));
    }

    /**
     * The node that leads. One that is cut off may still believe that it does, so only who can know is asked, and the latest term counts.
     */
    Optional<String> leader(List<ServerState> servers) {
        // All at once, so that one that does not answer costs no more than itself.
        List<ListenableFuture<GetStatusResponse>> asked = askable(servers).stream()
                .map(server -> ask(server.plan().clientAddress()))
                .toList();
        List<Word> words = asked.stream()
                .map(LeaderSearch::answer)
                .flatMap(Optional::stream)
                .toList();
        long term = words.stream().mapToLong(Word::term).max().orElse(0);
        return words.stream()
                .filter(word -> word.term() == term && !word.leader().isEmpty())
                .map(Word::leader)
                .findFirst();
    }

    private static List<ServerState> askable(List<ServerState> servers) {
        List<ServerState> running = servers.stream()
                .filter(server -> server.plan().isNode() && server.condition() == ServerState.Condition.RUNNING)
                .toList();
        List<ServerState> connected =
                running.stream().filter(server -> !server.cutOff()).toList();
        return connected.isEmpty() ? running : connected;
    }

    private ListenableFuture<GetStatusResponse> ask(String address) {
        return MaintenanceGrpc.newFutureStub(channel(address))
                .withDeadlineAfter(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
                .getStatus(GetStatusRequest.getDefaultInstance());
    }

    private static Optional<Word> answer(ListenableFuture<GetStatusResponse> asked) {
        try {
            NodeStatus node = asked.get().getNode();
            return Optional.of(new Word(node.getTerm(), node.getLeaderId()));
        } catch (ExecutionException silent) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private ManagedChannel channel(String address) {
        ManagedChannel channel = channels.computeIfAbsent(
                address, at -> NettyChannelBuilder.forTarget(at).usePlaintext().build());
        // A server that was started again is asked at once.
        channel.resetConnectBackoff();
        return channel;
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
