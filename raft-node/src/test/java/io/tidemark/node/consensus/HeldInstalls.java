// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.util.CodeInjectionForTesting;

/** Keeps followers in this process from taking checkpoints until it is let go of, by the hook that Ratis has for its own tests. */
final class HeldInstalls implements AutoCloseable {

    private static final String POINT = "RaftServerImpl.installSnapshot";

    private final CountDownLatch open = new CountDownLatch(1);

    /** By transfer, the Raft index of what is sent. */
    final Map<String, Long> transfers = new ConcurrentHashMap<>();

    HeldInstalls() {
        CodeInjectionForTesting.put(POINT, (local, remote, args) -> {
            for (Object arg : args) {
                if (arg instanceof InstallSnapshotRequestProto request) {
                    transfers.put(
                            request.getSnapshotChunk().getRequestId(),
                            request.getSnapshotChunk().getTermIndex().getIndex());
                    awaitOpen();
                }
            }
            return false;
        });
    }

    /** They go on, and are still counted. */
    void letGo() {
        open.countDown();
    }

    private void awaitOpen() {
        try {
            open.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        CodeInjectionForTesting.remove(POINT);
        letGo();
    }
}
