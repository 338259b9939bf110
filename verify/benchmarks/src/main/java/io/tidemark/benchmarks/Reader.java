// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

/** Gets one random row after the other, and times each. */
final class Reader {
    private final Contender store;
    private final byte[][] keys;

    Reader(Contender store, byte[][] keys) {
        this.store = store;
        this.keys = keys;
    }

    Latencies watch(int millis) {
        Latencies latencies = new Latencies();
        long now = System.nanoTime();
        long end = now + millis * 1_000_000L;
        for (int i = 0; now < end; i++) {
            store.get(keys[i % keys.length]);
            long after = System.nanoTime();
            latencies.add(after - now);
            now = after;
        }
        return latencies;
    }
}
