// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.store.RandomHistories;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every engine promises. A subclass says how to open one. */
abstract class EngineContract {
    private static final byte[] KEY = {1};

    /** A new engine on an empty directory. */
    abstract Engine create() throws Exception;

    /** The engine as found after a stop without a checkpoint. */
    abstract Engine reopen(Engine engine) throws Exception;

    void compact(Engine engine) {
        engine.compact().join();
        engine.scrub(ScrubProgress.IGNORED);
    }

    int histories() {
        return RandomHistories.count();
    }

    @Test
    void shouldEqualTheReferenceInRandomHistories() throws Exception {
        RandomHistories.each(histories(), this::runHistory);
    }

    private void runHistory(long seed) throws Exception {
        Random random = new Random(~seed);
        Histories histories = new Histories(seed);
        List<CommitRows> commits = new ArrayList<>();
        Engine engine = create();
        InMemoryEngine reference = new InMemoryEngine(Histories.smallOptions());
        try {
            long index = 0;
            for (int step = 0; step < 150; step++) {
                switch (random.nextInt(24)) {
                    case 0 -> {
                        Checkpoint checkpoint = engine.checkpoint().get();
                        assertThat(checkpoint.index()).isEqualTo(index);
                        assertThat(engine.durableIndex()).isEqualTo(index);
                    }
                    case 1 -> {
                        CompletableFuture<Checkpoint> unwatched = engine.checkpoint();
                        assertThat(unwatched).isNotNull();
                    }
                    case 2 -> compact(engine);
                    case 3 -> {
                        long horizon = reference.horizon() + random.nextLong(index - reference.horizon() + 1);
                        engine.setHorizon(horizon);
                        reference.setHorizon(horizon);
                    }
                    case 4 -> {
                        if (random.nextInt(3) == 0) {
                            engine = recovered(reopen(engine), commits, reference);
                        }
                    }
                    case 5, 6, 7 -> compareSome(engine, reference, histories, random);
                    default -> {
                        index += 1 + random.nextInt(2);
                        CommitRows commit = histories.commit(index);
                        commits.add(commit);
                        engine.apply(commit);
                        reference.apply(commit);
                    }
                }
            }
            try (View found = engine.view();
                    View expected = reference.view()) {
                assertThat(found.index()).isEqualTo(index);
                Histories.assertSame(found, expected);
            }
        } finally {
            engine.close();
        }
    }

    private static Engine recovered(Engine engine, List<CommitRows> commits, Engine reference) {
        long found = engine.appliedIndex();
        assertThat(engine.durableIndex()).isEqualTo(found);
        for (CommitRows commit : commits) {
            if (commit.index() == found) {
                assertThat(engine.position()).isEqualTo(Histories.position(found));
            }
            if (commit.index() > found) {
                engine.apply(commit);
            }
        }
        assertThat(engine.horizon()).isLessThanOrEqualTo(reference.horizon());
        engine.setHorizon(reference.horizon());
        return engine;
    }

    private static void compareSome(Engine engine, Engine reference, Histories histories, Random random) {
        long lowest = reference.horizon();
        long index = lowest + random.nextLong(reference.appliedIndex() - lowest + 1);
        try (View found = engine.viewAt(index);
                View expected = reference.viewAt(index)) {
            assertThat(found.horizon()).isEqualTo(expected.horizon());
            for (int i = 0; i < 10; i++) {
                int space = histories.historicSpace();
                byte[] key = histories.key();
                Histories.assertSame(found.get(space, key), expected.get(space, key));
            }
            byte[] to = random.nextBoolean() ? histories.key() : null;
            for (Direction direction : Direction.values()) {
                Histories.assertSame(found, expected, histories.historicSpace(), histories.key(), to, direction);
            }
        }
        if (lowest > 0) {
            assertThatThrownBy(() -> engine.viewAt(lowest - 1))
                    .isInstanceOfSatisfying(
                            HorizonPassedException.class,
                            e -> assertThat(e.horizon()).isEqualTo(lowest));
        }
    }

    @Test
    void shouldStartEmpty() throws Exception {
        try (Engine engine = create();
                View view = engine.view()) {
            assertThat(engine.appliedIndex()).isZero();
            assertThat(engine.position()).isEmpty();
            assertThat(view.get(Histories.ROWS, KEY)).isNull();
        }
    }

    @Test
    void shouldKeepAViewUnchanged() throws Exception {
        try (Engine engine = create()) {
            engine.apply(CommitRows.at(1, KEY).put(Histories.ROWS, KEY, text("old")));
            try (View view = engine.view()) {
                engine.apply(CommitRows.at(2, KEY).delete(Histories.ROWS, KEY));
                engine.checkpoint().get();
                engine.setHorizon(2);
                compact(engine);
                assertThat(value(view.get(Histories.ROWS, KEY))).isEqualTo("old");
            }
            try (View view = engine.view()) {
                assertThat(view.get(Histories.ROWS, KEY)).isNull();
            }
        }
    }

    @Test
    void shouldKeepValuesOfAnySize() throws Exception {
        try (Engine first = create()) {
            byte[] large = new byte[1 << 20];
            new Random(5).nextBytes(large);
            first.apply(
                    CommitRows.at(1, KEY).put(Histories.ROWS, KEY, large).put(Histories.ROWS, text(""), new byte[0]));
            first.checkpoint().get();
            try (Engine engine = reopen(first);
                    View view = engine.view()) {
                assertThat(value(view.get(Histories.ROWS, KEY)))
                        .isEqualTo(new String(large, StandardCharsets.ISO_8859_1));
                assertThat(value(view.get(Histories.ROWS, text("")))).isEmpty();
            }
        }
    }

    @Test
    void shouldRefuseWhatItCannotKeep() throws Exception {
        try (Engine engine = create()) {
            engine.apply(CommitRows.at(5, KEY));
            assertThatThrownBy(() -> engine.apply(CommitRows.at(5, KEY))).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> engine.apply(CommitRows.at(6, KEY).put(77, KEY, KEY)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("space: 77");
            assertThatThrownBy(() -> engine.viewAt(6)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> engine.setHorizon(6)).isInstanceOf(IllegalArgumentException.class);
            assertThat(engine.appliedIndex()).isEqualTo(5);
        }
        assertThatThrownBy(() -> CommitRows.at(1, new byte[CommitRows.POSITION_BYTES_MAX + 1]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CommitRows.at(1, KEY).put(1, new byte[CommitRows.KEY_BYTES_MAX + 1], KEY))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CommitRows.at(1, KEY).put(1, KEY, KEY).delete(1, KEY))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseUseAfterClose() throws Exception {
        try (Engine engine = create()) {
            engine.apply(CommitRows.at(1, KEY).put(Histories.ROWS, KEY, KEY));
            View view = engine.view();
            Cursor cursor = view.scan(Histories.ROWS, new byte[0], null, Direction.ASCENDING);
            view.close();
            view.close();
            assertThat(cursor.next()).isNotNull();
            cursor.close();
            assertThatThrownBy(cursor::next).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> view.get(Histories.ROWS, KEY)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void shouldApplySeveralCommitsAsOne() throws Exception {
        try (Engine first = create()) {
            first.apply(List.of(
                    CommitRows.at(1, new byte[0]).put(Histories.ROWS, KEY, text("one")),
                    CommitRows.at(2, KEY).put(Histories.ROWS, KEY, text("two"))));
            assertThat(first.appliedIndex()).isEqualTo(2);
            assertThatThrownBy(() -> first.apply(List.of(
                            CommitRows.at(3, KEY).put(Histories.ROWS, KEY, text("three")), CommitRows.at(3, KEY))))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> first.apply(List.of())).isInstanceOf(IllegalArgumentException.class);
            first.checkpoint().get();
            try (Engine engine = reopen(first);
                    View older = engine.viewAt(1);
                    View newer = engine.view()) {
                assertThat(engine.position()).isEqualTo(KEY);
                assertThat(value(older.get(Histories.ROWS, KEY))).isEqualTo("one");
                assertThat(value(newer.get(Histories.ROWS, KEY))).isEqualTo("two");
            }
        }
    }

    @Test
    void shouldMoveThePositionAlone() throws Exception {
        try (Engine first = create()) {
            first.apply(CommitRows.at(1, KEY));
            first.movePosition(text("later"));
            assertThat(first.checkpoint().get().position()).isEqualTo(text("later"));
            try (Engine engine = reopen(first)) {
                assertThat(engine.appliedIndex()).isEqualTo(1);
                assertThat(engine.position()).isEqualTo(text("later"));
            }
        }
    }

    @Test
    void shouldPersistTheHorizonByCompaction() throws Exception {
        try (Engine first = create()) {
            for (int index = 1; index <= 9; index++) {
                first.apply(CommitRows.at(index, KEY).put(Histories.ROWS, KEY, KEY));
                if (index == 6) {
                    first.checkpoint().get();
                    first.setHorizon(5);
                }
            }
            first.compact().get();
            try (Engine engine = reopen(first)) {
                assertThat(engine.horizon()).isEqualTo(5);
                engine.setHorizon(engine.appliedIndex());
                engine.compact().get();
                try (Engine again = reopen(engine)) {
                    assertThat(again.horizon()).isEqualTo(again.appliedIndex());
                    assertThat(again.horizon()).isLessThanOrEqualTo(again.durableIndex());
                }
            }
        }
    }

    @Test
    void shouldPersistTheHorizonWithoutRows() throws Exception {
        try (Engine first = create()) {
            first.apply(CommitRows.at(3, KEY));
            first.checkpoint().get();
            first.setHorizon(2);
            first.compact().get();
            try (Engine engine = reopen(first)) {
                assertThat(engine.horizon()).isEqualTo(2);
            }
        }
    }

    @Test
    void shouldTellHowFarAScrubHasCome() throws Exception {
        try (Engine engine = create()) {
            engine.apply(CommitRows.at(1, KEY).put(Histories.ROWS, KEY, KEY));
            engine.checkpoint().get();
            List<Long> left = new ArrayList<>();
            engine.scrub((done, total) -> left.add(total - done));
            assertThat(left).isSortedAccordingTo(Comparator.reverseOrder()).endsWith(0L);
            assertThatThrownBy(() -> engine.scrub((done, total) -> {
                        throw new CancellationException();
                    }))
                    .isInstanceOf(CancellationException.class);
        }
    }

    /** Two rows are always written together; a reader must never see them differ. */
    @Test
    void shouldShowCommitsWholeToConcurrentReaders() throws Exception {
        try (Engine engine = create()) {
            AtomicBoolean done = new AtomicBoolean();
            List<CompletableFuture<Void>> readers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                readers.add(CompletableFuture.runAsync(() -> {
                    while (!done.get()) {
                        try (View view = engine.view()) {
                            RowVersion a = view.get(Histories.ROWS, text("a"));
                            RowVersion b = view.get(Histories.OTHER_ROWS, text("b"));
                            assertThat(a == null ? -1 : a.index()).isEqualTo(b == null ? -1 : b.index());
                            assertThat(a == null ? 0 : a.index()).isEqualTo(view.index());
                        }
                    }
                }));
            }
            for (int index = 1; index <= 1500; index++) {
                engine.apply(CommitRows.at(index, KEY)
                        .put(Histories.ROWS, text("a"), new byte[200])
                        .put(Histories.OTHER_ROWS, text("b"), new byte[200]));
                if (index % 100 == 0) {
                    CompletableFuture<Checkpoint> unwatched = engine.checkpoint();
                    assertThat(unwatched).isNotNull();
                    engine.setHorizon(index - 50);
                }
            }
            done.set(true);
            for (CompletableFuture<Void> reader : readers) {
                reader.get();
            }
        }
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String value(@Nullable RowVersion row) {
        assertThat(row).isNotNull();
        return row == null ? "" : new String(row.value(), StandardCharsets.ISO_8859_1);
    }
}
