// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import io.tidemark.server.process.StartException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/** Servers between their start and being ready, which takes long enough that whoever waits wants to see it go on. */
final class Starting {

    private static final Duration POLL = Duration.ofMillis(50);

    private Starting() {}

    /**
     * Returns when all are ready; tells of each when it is, in whatever order.
     *
     * @param isReady may throw what is in the way for good
     * @param whereToLook says why one is not ready
     * @throws StartException if one takes too long
     */
    static void await(
            List<ServerPlan> servers,
            Predicate<ServerPlan> isReady,
            Duration timeout,
            Function<ServerPlan, String> whereToLook,
            ClusterListener listener)
            throws InterruptedException {
        List<ServerPlan> waiting = new ArrayList<>(servers);
        long begin = System.nanoTime();
        while (true) {
            for (ServerPlan server : List.copyOf(waiting)) {
                if (isReady.test(server)) {
                    waiting.remove(server);
                    listener.tell(server.id() + " is ready (" + (servers.size() - waiting.size()) + " of "
                            + servers.size() + ")");
                }
            }
            if (waiting.isEmpty()) {
                return;
            }
            if (System.nanoTime() - begin > timeout.toNanos()) {
                ServerPlan first = waiting.get(0);
                throw new StartException(
                        first.id() + " is not ready after " + timeout.toSeconds() + " s: " + whereToLook.apply(first));
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
    }
}
