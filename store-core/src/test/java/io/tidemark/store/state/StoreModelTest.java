// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.tidemark.api.HistoryId;
import io.tidemark.store.LogTime;
import io.tidemark.store.RandomHistories;
import io.tidemark.store.Shards;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.EngineOptions;
import io.tidemark.store.engine.SimulatedDisk;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.transition.Applied;
import io.tidemark.store.transition.RandomEntries;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random histories against plain sorted maps: entries, reads at random indexes, scans, the feed, checkpoints, compactions, and
 * power cuts after which the entries behind the position are applied again.
 */
class StoreModelTest {

    private static final HistoryId HISTORY = new HistoryId("0123456789abcdef");
    private static final int STEPS = 120;

    /** Small limits, so that a short history meets freezing, levels and cuts; and little memory, so that the feed meets the disk. */
    static final StoreOptions SMALL = new StoreOptions(
            30_000, 6_000, new EngineOptions(Spaces.RETENTION, 60_000, 40_000, 3, 5, 6, 400_000, 3, 100_000));

    @Test
    void shouldAgreeWithTheModel() {
        RandomHistories.each(seed -> new Run(seed).run());
    }

    /** One history. */
    private static final class Run {
        private final Random random;
        private final History history;
        private final SimulatedDisk disk = new SimulatedDisk();
        private Engine engine;
        private Store store;
        private int applied;
        private int durable;

        Run(long seed) {
            random = new Random(~seed);
            history = new History(seed);
            engine = disk.open(SMALL.engine());
            store = Store.create(engine, StoreBirth.ofNewHistory(HISTORY, RandomEntries.SETTINGS), SMALL);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(24)) {
                    case 0 -> {
                        store.checkpoint().join();
                        durable = applied;
                    }
                    case 1 -> engine.compact().join();
                    case 2 -> cutPower();
                    case 3, 4 -> readSome();
                    case 5 -> followSome();
                    case 6 -> askForTimes();
                    case 7 -> askForDueRows();
                    case 8 -> assertThat(store.check(rows -> {}).differences()).isEmpty();
                    case 9 -> checkpointOfTheEngineAlone();
                    default -> applyOne();
                }
            }
            readSome();
            followSome();
            assertThat(store.check(rows -> {}).differences()).isEmpty();
            store.close();
        }

        /** As when a memtable is full in the middle of an entry: the digests on disk are then not those of the rows. */
        private void checkpointOfTheEngineAlone() {
            engine.checkpoint().join();
            durable = applied;
        }

        private void applyOne() {
            history.grow();
            applyThrough(history.entryCount());
        }

        private void applyThrough(int count) {
            while (applied < count) {
                Applied result = store.apply(history.entry(applied), position(applied + 1));
                assertThat(result).isEqualTo(history.result(applied));
                applied++;
            }
            assertThat(store.counters()).isEqualTo(history.counters(count));
            assertThat(store.registry()).isEqualTo(history.registry(count));
            assertThat(store.appliedIndex()).isEqualTo(history.lastIndex());
        }

        private void cutPower() {
            store.close();
            disk.loseUnsynced(random);
            engine = disk.open(SMALL.engine());
            store = Store.open(engine, SMALL);
            assertThat(store.history()).isEqualTo(HISTORY);
            applied = store.position().isEmpty()
                    ? 0
                    : Integer.parseInt(store.position().toStringUtf8());
            assertThat(applied).isGreaterThanOrEqualTo(durable).isLessThanOrEqualTo(history.entryCount());
            assertThat(store.counters()).isEqualTo(history.counters(applied));
            assertThat(store.registry()).isEqualTo(history.registry(applied));
            assertThat(store.check(rows -> {}).differences()).isEmpty();
            StateAssertions.assertReads(store, history, store.appliedIndex(), random);
            applyThrough(history.entryCount());
        }

        private void readSome() {
            StateAssertions.assertReads(store, history, someIndex(), random);
            long horizon = store.horizon();
            if (horizon > 0) {
                assertThatThrownBy(() -> store.viewAt(horizon - 1))
                        .isInstanceOfSatisfying(
                                BelowHorizonException.class,
                                e -> assertThat(e.horizon()).isEqualTo(horizon));
                assertThatThrownBy(() -> store.feed().read(horizon - 1, 1)).isInstanceOf(BelowHorizonException.class);
            }
            long ahead = store.appliedIndex() + 1;
            assertThatThrownBy(() -> store.viewAt(ahead)).isInstanceOf(NotAppliedException.class);
            assertThatThrownBy(() -> store.feed().read(ahead, 1)).isInstanceOf(NotAppliedException.class);
        }

        private long someIndex() {
            long horizon = store.horizon();
            return horizon + random.nextInt((int) (store.appliedIndex() - horizon) + 1);
        }

        private void followSome() {
            Shards shards = Shards.of(random.ints(random.nextInt(8), 0, StateAssertions.SHARD_COUNT)
                    .toArray());
            StateAssertions.assertFeed(store, history, someIndex(), shards, random);
        }

        private void askForTimes() {
            long index = someIndex();
            LogTime time = history.at(index).logTime();
            if (index == 0 || !store.logTime().isAfter(time)) {
                assertThat(store.indexAt(store.logTime())).isEmpty();
                return;
            }
            long newest = index;
            while (newest < store.appliedIndex()
                    && !history.at(newest + 1).logTime().isAfter(time)) {
                newest++;
            }
            assertThat(store.indexAt(time)).isEqualTo(Optional.of(newest));
        }

        private void askForDueRows() {
            StateAssertions.assertDue(store, history);
        }

        private static ByteString position(int entries) {
            return ByteString.copyFromUtf8(Integer.toString(entries));
        }
    }
}
