// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Notices that Ratis has ended its part by itself, which it does on failures of its own without always saying so. One thread of its
 * own looks now and then.
 */
final class LifeWatch implements AutoCloseable {

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread own = new Thread(task, "tidemark-consensus-life");
        own.setDaemon(true);
        return own;
    });

    /** @param ended told each time that it is found so */
    LifeWatch(Duration pause, BooleanSupplier isAlive, Runnable ended) {
        @SuppressWarnings("FutureReturnValueIgnored") // It ends with the thread.
        Object unused = thread.scheduleWithFixedDelay(
                () -> {
                    if (!isAlive.getAsBoolean()) {
                        ended.run();
                    }
                },
                pause.toMillis(),
                pause.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
