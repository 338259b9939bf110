// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.proto.v1.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners of topologies, in order, one after the other, and never while a lock is held. Thread-safe. */
final class TopologyListeners {

    private static final Logger log = LoggerFactory.getLogger(TopologyListeners.class);

    private final List<Consumer<Topology>> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> news = new ArrayList<>();
    private boolean telling;

    /** @param now what is known already; null: nothing */
    Dispatcher.Subscription add(Consumer<Topology> listener, @Nullable Topology now) {
        listeners.add(listener);
        if (now != null) {
            tell(() -> told(listener, now));
        }
        return () -> listeners.remove(listener);
    }

    void tell(Topology topology) {
        tell(() -> listeners.forEach(listener -> told(listener, topology)));
    }

    private void tell(Runnable one) {
        synchronized (this) {
            news.add(one);
            if (telling) {
                return;
            }
            telling = true;
        }
        for (Runnable next = next(); next != null; next = next()) {
            next.run();
        }
    }

    private synchronized @Nullable Runnable next() {
        if (news.isEmpty()) {
            telling = false;
            return null;
        }
        return news.remove(0);
    }

    private static void told(Consumer<Topology> listener, Topology topology) {
        try {
            listener.accept(topology);
        } catch (RuntimeException e) {
            log.error("a listener for topologies failed", e);
        }
    }
}
