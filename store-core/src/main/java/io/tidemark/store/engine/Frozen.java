// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A memtable on its way to the disk, with the index and position that its state ends at. */
final class Frozen {
    private final Memtable memtable;
    private final Applied end;
    private final List<CompletableFuture<Checkpoint>> waiting = new ArrayList<>();

    Frozen(Memtable memtable, Applied end) {
        this.memtable = memtable;
        this.end = end;
    }

    Memtable memtable() {
        return memtable;
    }

    Applied end() {
        return end;
    }

    /** Guarded by the engine's mutex, as is {@link #takeWaiting}. */
    void await(CompletableFuture<Checkpoint> future) {
        waiting.add(future);
    }

    List<CompletableFuture<Checkpoint>> takeWaiting() {
        List<CompletableFuture<Checkpoint>> taken = List.copyOf(waiting);
        waiting.clear();
        return taken;
    }
}
