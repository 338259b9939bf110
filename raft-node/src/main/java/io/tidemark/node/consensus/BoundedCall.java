// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.io.IOException;
import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls into Ratis that could hang: each on a thread of its own, and given up after a while. What all threads did then is logged. */
final class BoundedCall {

    private static final Logger LOG = LoggerFactory.getLogger(BoundedCall.class);

    private BoundedCall() {}

    /**
     * @param what for the message: what did not end
     * @throws TimeoutException if it did not end in time; its thread was then interrupted and left to itself
     * @throws IOException if it failed with that, or the wait was interrupted
     */
    static <T> T within(Duration limit, String what, Callable<T> call) throws IOException, TimeoutException {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = new Thread(task, "tidemark-consensus-call");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.error("{} did not end within {}; the threads of this process:{}", what, limit, threads());
            task.cancel(true);
            throw new TimeoutException(
                    what + " did not end within " + limit + " (the log says where all threads were)");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(what + " was interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            if (e.getCause() instanceof RuntimeException failed) {
                throw failed;
            }
            throw new IOException(what + " failed", e.getCause());
        }
    }

    private static String threads() {
        StringBuilder all = new StringBuilder();
        for (ThreadInfo thread : ManagementFactory.getThreadMXBean().dumpAllThreads(true, true)) {
            all.append("\n\"").append(thread.getThreadName()).append("\" ").append(thread.getThreadState());
            LockInfo lock = thread.getLockInfo();
            if (lock != null) {
                all.append(" on ").append(lock);
            }
            if (thread.getLockOwnerName() != null) {
                all.append(" held by \"").append(thread.getLockOwnerName()).append('"');
            }
            for (StackTraceElement frame : thread.getStackTrace()) {
                all.append("\n    at ").append(frame);
            }
        }
        return all.toString();
    }
}
