// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Looks at a store, and at what a crash would leave of it, while a compaction stands still at one operation after another. */
final class StepsTest {
    private static final int BEFORE = 50;
    private static final int UPPER = 90;
    /** Few more: what does not fit into the memtable would wait for the compaction that stands still. */
    private static final int DURING = 93;

    private static final int OPERATIONS_BETWEEN = 7;
    private static final long HORIZON = 60;

    private final Histories histories = new Histories(29);
    private final List<CommitRows> commits = new ArrayList<>();

    private void apply(MapDbEngine engine, int through) {
        for (int index = (int) engine.appliedIndex() + 1; index <= through; index++) {
            if (commits.size() < index) {
                commits.add(histories.commit(index));
            }
            engine.apply(commits.get(index - 1));
        }
    }

    @Test
    @Timeout(120)
    void shouldShowTheSameBeforeWithinAndAfterACompaction() throws Exception {
        FaultDisk base = new FaultDisk();
        try (MapDbEngine engine = MapDbEngine.open(base, Histories.smallOptions())) {
            apply(engine, BEFORE);
            engine.checkpoint().join();
            engine.compact().join();
            apply(engine, UPPER);
            engine.checkpoint().join();
            engine.awaitIdle();
        }
        int stepped = 0;
        boolean ended = false;
        for (int operation = 0; !ended; operation += OPERATIONS_BETWEEN) {
            FaultDisk disk = base.copy();
            try (MapDbEngine engine = MapDbEngine.open(disk, Histories.smallOptions())) {
                engine.awaitIdle();
                int tables = engine.stats().tables();
                disk.holdAfter("tidemark-engine-compact", operation);
                engine.setHorizon(HORIZON);
                CompletableFuture<Void> compaction = engine.compact();
                while (!disk.isHeld() && !compaction.isDone()) {
                    LockSupport.parkNanos(100_000);
                }
                ended = compaction.isDone();
                stepped += !ended && engine.stats().tables() != tables ? 1 : 0;
                check(engine, disk, operation);
                apply(engine, DURING);
                check(engine, disk, operation);
                CompletableFuture<Checkpoint> checkpoint = engine.checkpoint();
                disk.hold(null);
                checkpoint.join();
                compaction.join();
                engine.awaitIdle();
                check(engine, disk, operation);
            }
        }

        assertThat(stepped).as("states between two steps").isGreaterThan(10);
    }

    private void check(MapDbEngine engine, FaultDisk disk, int operation) {
        try {
            checkViews(engine);
            FaultDisk found = disk.copy();
            try (MapDbEngine recovered = MapDbEngine.open(found, Histories.smallOptions())) {
                assertThat(recovered.appliedIndex()).isEqualTo(engine.durableIndex());
                checkViews(recovered);
                apply(recovered, DURING);
                recovered.setHorizon(HORIZON + 10);
                recovered.checkpoint().join();
                recovered.compact().join();
                checkViews(recovered);
            }
        } catch (Throwable e) {
            throw new AssertionError("operation: " + operation, e);
        }
    }

    private void checkViews(MapDbEngine engine) {
        long newest = engine.appliedIndex();
        try (InMemoryEngine reference = Histories.reference(commits, newest, engine.horizon())) {
            for (long index = engine.horizon(); index < newest; index += 3) {
                try (View found = engine.viewAt(index);
                        View expected = reference.viewAt(index)) {
                    Histories.assertSameHistory(found, expected);
                    checkRows(found, expected);
                }
            }
            try (View found = engine.view();
                    View expected = reference.view()) {
                Histories.assertSame(found, expected);
                checkRows(found, expected);
            }
        }
    }

    private void checkRows(View found, View expected) {
        for (int i = 0; i < 10; i++) {
            int space = histories.historicSpace();
            byte[] key = histories.key();
            Histories.assertSame(found.get(space, key), expected.get(space, key));
        }
    }
}
