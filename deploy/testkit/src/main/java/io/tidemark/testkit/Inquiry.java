// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.DeleteRangeMutation;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ListTablesRequest;
import io.tidemark.proto.v1.ListTablesResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.RangeRemainder;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TableState;
import io.tidemark.proto.v1.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Calls to single servers about the cluster itself. Thread-safe. */
final class Inquiry implements AutoCloseable {

    private static final int ROWS_OF_A_COMMIT = 1_000;
    private static final Duration LAST_WORD = Duration.ofSeconds(2);

    private final Duration timeout;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    /** @param timeout of each call */
    Inquiry(Duration timeout) {
        this.timeout = timeout;
    }

    /** The node that this one takes for the leader; empty: it knows of none. */
    String leader(LocalServer node) {
        return status(node, timeout).getNode().getLeaderId();
    }

    long appliedIndex(LocalServer server) {
        return status(server, timeout).getHeader().getAppliedIndex();
    }

    /** Why the server is not ready, as it says itself, and at once: for the message of a failure. */
    String notReady(LocalServer server) {
        return status(server, LAST_WORD).getNotReadyList().stream()
                .map(reason -> reason.getCheck() + ": " + reason.getReason())
                .collect(Collectors.joining("; "));
    }

    private GetStatusResponse status(LocalServer server, Duration timeout) {
        return MaintenanceGrpc.newBlockingStub(channel(server))
                .withWaitForReady()
                .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .getStatus(GetStatusRequest.getDefaultInstance());
    }

    Topology topology(LocalServer server) {
        return ClusterGrpc.newBlockingStub(channel(server))
                .withWaitForReady()
                .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .getTopology(GetTopologyRequest.getDefaultInstance())
                .getTopology();
    }

    /** Removes every row of every table. */
    void clearTables(LocalServer server) {
        for (String table : tables(server)) {
            clear(server, table);
        }
    }

    private List<String> tables(LocalServer server) {
        List<String> names = new ArrayList<>();
        ListTablesRequest.Builder request = ListTablesRequest.newBuilder();
        ListTablesResponse page;
        do {
            page = ClusterGrpc.newBlockingStub(channel(server))
                    .withWaitForReady()
                    .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                    .listTables(request.build());
            page.getTablesList().stream()
                    .filter(table -> table.getState() == TableState.TABLE_STATE_ACTIVE)
                    .map(Table::getTable)
                    .forEach(names::add);
            request.setPageToken(page.getNextPageToken());
        } while (page.hasNextPageToken());
        return names;
    }

    private void clear(LocalServer server, String table) {
        int rows = ROWS_OF_A_COMMIT;
        boolean more = true;
        while (more) {
            try {
                more = deleteSome(server, table, rows);
            } catch (StatusRuntimeException e) {
                // What a commit removes is bounded in bytes too.
                if (rows == 1 || !isBecauseOf(ErrorReason.ERROR_REASON_TOO_LARGE, e)) {
                    throw e;
                }
                rows = rows / 2;
            }
        }
    }

    private boolean deleteSome(LocalServer server, String table, int rows) {
        CommitResponse response = KeyValueGrpc.newBlockingStub(channel(server))
                .withWaitForReady()
                .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                .commit(CommitRequest.newBuilder()
                        .addMutations(Mutation.newBuilder()
                                .setTable(table)
                                .setDeleteRange(DeleteRangeMutation.newBuilder()
                                        .setRange(KeyRange.getDefaultInstance())
                                        .setLimit(rows)))
                        .build());
        return response.getResults(0).getRemainder() == RangeRemainder.RANGE_REMAINDER_MORE;
    }

    private static boolean isBecauseOf(ErrorReason reason, StatusRuntimeException failure) {
        return ErrorStatus.from(failure)
                .filter(status -> status.reason() == reason)
                .isPresent();
    }

    private Channel channel(LocalServer server) {
        return channels.computeIfAbsent(
                server.endpoint(),
                endpoint ->
                        NettyChannelBuilder.forTarget(endpoint).usePlaintext().build());
    }

    /** A server that starts again is asked at once, and not after a wait that has grown meanwhile. */
    void forget(LocalServer server) {
        ManagedChannel channel = channels.remove(server.endpoint());
        if (channel != null) {
            ManagedChannel unused = channel.shutdownNow();
        }
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
