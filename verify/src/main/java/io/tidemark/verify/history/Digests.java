// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** What the nodes say of all their rows. */
public final class Digests {

    private static final long PAUSE_MILLIS = 100;
    private static final long CALL_SECONDS = 5;

    private Digests() {}

    /**
     * The digests of all servers as of one index, not below this one, by server. An idle cluster comes to such an index by
     * itself; this waits for it.
     */
    public static Map<String, String> ofAll(List<? extends Channel> servers, long minIndex, Duration timeout)
            throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        String last = "nothing was answered";
        do {
            try {
                long index = newestOfAll(servers);
                if (index >= minIndex) {
                    return at(servers, index);
                }
                last = "the newest that all have is of index " + index;
            } catch (StatusRuntimeException e) {
                last = e.toString();
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } while (System.nanoTime() - deadline < 0);
        throw new AssertionError(
                "no digests of all servers at an index from " + minIndex + " on after " + timeout + ": " + last);
    }

    /** The lowest of the servers' newest; the others keep it still, or this is tried again. */
    private static long newestOfAll(List<? extends Channel> servers) {
        long lowest = Long.MAX_VALUE;
        for (Channel server : servers) {
            lowest = Math.min(
                    lowest, ask(server, GetDigestsRequest.getDefaultInstance()).getIndex());
        }
        return lowest;
    }

    private static Map<String, String> at(List<? extends Channel> servers, long index) {
        Map<String, String> byServer = new HashMap<>();
        for (int i = 0; i < servers.size(); i++) {
            Map<Integer, String> shards = new TreeMap<>();
            ask(servers.get(i), GetDigestsRequest.newBuilder().setIndex(index).build())
                    .getDigestsList()
                    .forEach(shard -> shards.put(
                            shard.getShard(),
                            shard.getRowCount() + " rows "
                                    + HexFormat.of().formatHex(shard.getDigest().toByteArray())));
            byServer.put("server " + i, "at " + index + ": " + shards);
        }
        return byServer;
    }

    private static GetDigestsResponse ask(Channel server, GetDigestsRequest request) {
        return MaintenanceGrpc.newBlockingStub(server)
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                .getDigests(request);
    }
}
