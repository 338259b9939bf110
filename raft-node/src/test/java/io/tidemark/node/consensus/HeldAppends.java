// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.util.CodeInjectionForTesting;

/** Keeps followers in this process from taking some entries until it is closed, by the hook that Ratis has for its own tests. */
final class HeldAppends implements AutoCloseable {

    private static final String POINT = "RaftServerImpl.appendEntries";

    private final CountDownLatch open = new CountDownLatch(1);

    private HeldAppends(Predicate<LogEntryProto> held) {
        CodeInjectionForTesting.put(POINT, (local, remote, args) -> {
            for (Object arg : args) {
                if (arg instanceof AppendEntriesRequestProto request
                        && request.getEntriesList().stream().anyMatch(held)) {
                    awaitOpen();
                }
            }
            return false;
        });
    }

    static HeldAppends ofJointConfigurations() {
        return new HeldAppends(entry ->
                entry.hasConfigurationEntry() && entry.getConfigurationEntry().getOldPeersCount() > 0);
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
        open.countDown();
    }
}
