// SPDX-License-Identifier: Apache-2.0
package com.example;

import io.tidemark.client.Change;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.WatchHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Feature flags in the memory of this process, kept right by a watch: asking for one costs a look into a map. During an outage the
 * flags stay as they were, and {@link #isConnected} says so.
 */
public final class FeatureFlags implements AutoCloseable {

    private volatile Map<String, Boolean> flags = Map.of();
    /** What has come of a snapshot: it replaces what is known when all of it is there, so that no flag is off meanwhile. */
    private Map<String, Boolean> arriving = new ConcurrentHashMap<>();

    private final CountDownLatch loaded = new CountDownLatch(1);
    private final WatchHandle watch;
    private volatile boolean connected;

    /** Begins to follow the table. */
    public FeatureFlags(Table<String> table) {
        watch = table.watch().snapshotFirst().start(this::dealWith);
    }

    /** Waits until all flags have been read. */
    public void awaitLoaded() throws InterruptedException {
        loaded.await();
    }

    /** Whether a feature is on. */
    public boolean isOn(String feature) {
        return flags.getOrDefault(feature, false);
    }

    /** Whether changes arrive at present. */
    public boolean isConnected() {
        return connected;
    }

    private void dealWith(WatchEvent<String> event) {
        if (event instanceof WatchEvent.Snapshot<String> snapshot) {
            if (snapshot.first()) {
                arriving = new ConcurrentHashMap<>();
            }
            snapshot.rows().forEach(row -> arriving.put(row.key(), isOnValue(row.value())));
            if (snapshot.last()) {
                flags = arriving;
                loaded.countDown();
            }
        }
        connected = !(event instanceof WatchEvent.Disconnected);
        event.changes().forEach(this::apply);
    }

    private void apply(Change<String> change) {
        if (change instanceof Change.Put<String> put) {
            flags.put(put.key(), isOnValue(put.row().value()));
        } else if (change.key() != null) {
            flags.remove(change.key());
        } else {
            // The table was dropped.
            flags.clear();
        }
    }

    private static boolean isOnValue(@Nullable String value) {
        return "on".equals(value);
    }

    @Override
    public void close() {
        watch.close();
    }

    /** Where a server is, as {@code host:port}. */
    public static void main(String[] args) throws InterruptedException {
        try (TidemarkClient client = TidemarkClient.connect(args.length > 0 ? args[0] : "127.0.0.1:7400")) {
            client.table("flags").put("dark-mode", "on");
            try (FeatureFlags flags = new FeatureFlags(client.table("flags"))) {
                flags.awaitLoaded();
                System.out.println("dark-mode is " + (flags.isOn("dark-mode") ? "on" : "off"));
            }
        }
    }
}
