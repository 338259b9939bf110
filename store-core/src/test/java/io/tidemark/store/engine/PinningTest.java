// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real mappings that come and go under readers. A mistake here does not fail a test, it ends the process. */
final class PinningTest {
    private static final byte[] EMPTY = {};

    @TempDir
    Path directory = Path.of("unset");

    @Test
    void shouldKeepTablesMappedWhileTheyAreRead() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        List<CompletableFuture<Long>> readers = new ArrayList<>();
        MapDbEngine engine = MapDbEngine.open(directory, Histories.smallOptions());
        for (int i = 0; i < 3; i++) {
            Random random = new Random(i);
            readers.add(CompletableFuture.supplyAsync(() -> read(engine, random, done)));
        }
        Histories histories = new Histories(11);
        for (int index = 1; index <= 600; index++) {
            engine.apply(histories.commit(index));
            if (index % 20 == 0) {
                engine.checkpoint().join();
                engine.setHorizon(index);
                engine.compact().join();
            }
        }
        View left = engine.view();
        Cursor leftOpen = left.scan(Histories.ROWS, EMPTY, null, Direction.ASCENDING);
        engine.close();
        done.set(true);
        for (CompletableFuture<Long> reader : readers) {
            assertThat(reader.get()).isPositive();
        }
        assertThat(leftOpen.next()).isNotNull();
        left.close();
        leftOpen.close();
    }

    private static long read(MapDbEngine engine, Random random, AtomicBoolean done) {
        long rows = 0;
        Histories histories = new Histories(random.nextLong());
        while (!done.get()) {
            try {
                View view = engine.view();
                for (int i = 0; i < 20; i++) {
                    rows += view.get(histories.space(), histories.key()) == null ? 0 : 1;
                }
                Cursor cursor = view.scan(histories.space(), histories.key(), null, Direction.DESCENDING);
                view.close();
                for (int i = 0; i < 10 && cursor.next() != null; i++) {
                    rows++;
                }
                cursor.close();
            } catch (IllegalStateException closed) {
                return rows;
            }
        }
        return rows;
    }
}
