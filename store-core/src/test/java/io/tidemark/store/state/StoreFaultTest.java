// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.tidemark.api.HistoryId;
import io.tidemark.store.KeySpan;
import io.tidemark.store.Shards;
import io.tidemark.store.engine.EngineFullException;
import io.tidemark.store.engine.HookedEngine;
import io.tidemark.store.engine.SimulatedDisk;
import io.tidemark.store.feed.FeedRead;
import io.tidemark.store.transition.RandomEntries;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers that are overtaken by the writer, and writes that break off. */
class StoreFaultTest {

    private static final HistoryId HISTORY = new HistoryId("0123456789abcdef");

    /** Every read of the feed is from disk. */
    private static final StoreOptions NOTHING_NEAR = new StoreOptions(30_000, 0, StoreModelTest.SMALL.engine());

    private final SimulatedDisk disk = new SimulatedDisk();
    private final History history = new History(5);
    private HookedEngine engine = new HookedEngine(disk.open(StoreModelTest.SMALL.engine()));
    private Store store = Store.create(engine, StoreBirth.ofNewHistory(HISTORY, RandomEntries.SETTINGS), NOTHING_NEAR);
    private int applied;

    @AfterEach
    void close() {
        store.close();
    }

    private void grow(int entries) {
        for (int i = 0; i < entries; i++) {
            history.grow();
            store.apply(history.entry(applied), position(applied + 1));
            applied++;
        }
    }

    private static ByteString position(int entries) {
        return ByteString.copyFromUtf8(Integer.toString(entries));
    }

    /** The horizon rises above an index, and history is dropped, all while a reader stands still. */
    private void dropHistoryAbove(long index) {
        while (store.horizon() <= index) {
            grow(10);
        }
        store.checkpoint().join();
        engine.compact().join();
    }

    @Test
    void shouldNotShowALaterStateToAReaderThatWasOvertaken() {
        grow(60);
        long index = store.horizon() + 1;
        engine.beforeNextView(() -> dropHistoryAbove(index));
        assertThatThrownBy(() -> store.viewAt(index).close()).isInstanceOf(BelowHorizonException.class);
    }

    @Test
    void shouldNotLeaveCommitsOutForASubscriberThatWasOvertaken() {
        grow(200);
        long after = store.horizon();
        engine.beforeNextView(() -> dropHistoryAbove(after));
        assertThatThrownBy(() -> store.feed().read(after, Long.MAX_VALUE)).isInstanceOf(BelowHorizonException.class);
    }

    @Test
    void shouldFindTimesThoughTheHorizonRises() {
        grow(60);
        long index = store.horizon() + 1;
        engine.beforeNextView(() -> dropHistoryAbove(index));
        assertThatThrownBy(() -> store.indexAt(history.at(index).logTime())).isInstanceOf(BelowHorizonException.class);
    }

    /** The view was taken when the shard was held, so it goes on showing it. */
    @Test
    void shouldSayOfAViewWhatItCanAnswerFor() {
        grow(60);
        Shards dropped = Shards.of(new int[] {0, 1, 2, 3});
        try (StoreView before = store.view()) {
            store.drop(dropped);
            while (store.dropRows(3)) {
                assertThat(before.isReadable(2)).isTrue();
            }
            try (StoreView after = store.view()) {
                assertThat(after.readable()).isEqualTo(StateAssertions.ALL.minus(dropped));
                assertThat(after.isReadable(2)).isFalse();
                assertThat(after.isReadable(4)).isTrue();
            }
            assertThat(before.readable()).isEqualTo(StateAssertions.ALL);
            StateAssertions.assertRows(before, history.at(before.index()).rows(), StateAssertions.ALL);
        }
        assertThatThrownBy(
                        () -> store.copy(store.view(), dropped, null, 100, 100).close())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldTakeAnEntryAgainThatTheEngineRefused() {
        grow(20);
        history.grow();
        engine.refuseNextApply();
        assertThatThrownBy(() -> store.apply(history.entry(applied), position(applied + 1)))
                .isInstanceOf(EngineFullException.class);
        assertThat(store.counters()).isEqualTo(history.counters(applied));
        store.apply(history.entry(applied), position(applied + 1));
        applied++;
        assertThat(store.counters()).isEqualTo(history.counters(applied));
        assertThat(store.check(rows -> {}).isSound()).isTrue();
    }

    /** What else breaks off leaves the engine ahead of the rest: the same index could be given out twice. */
    @Test
    void shouldTakeNoMoreAfterAWriteThatBrokeOff() {
        grow(20);
        store.checkpoint().join();
        int durable = applied;
        history.grow();
        engine.afterNextApply(() -> {
            throw new OutOfMemoryError("as if");
        });
        assertThatThrownBy(() -> store.apply(history.entry(applied), position(applied + 1)))
                .isInstanceOf(OutOfMemoryError.class);
        assertThatThrownBy(() -> store.apply(history.entry(applied), position(applied + 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("opened anew");
        assertThatThrownBy(() -> store.checkpoint()).isInstanceOf(IllegalStateException.class);
        reopen();
        assertThat(store.counters()).isEqualTo(history.counters(durable));
        assertThat(store.check(rows -> {}).isSound()).isTrue();
    }

    private void reopen() {
        store.close();
        engine = new HookedEngine(disk.open(StoreModelTest.SMALL.engine()));
        store = Store.open(engine, StoreModelTest.SMALL);
    }

    @Test
    void shouldRemoveAllDroppedRowsThoughTheDiskWasFull() {
        grow(60);
        Shards dropped = Shards.of(0, 1, 2, 3, 4, 5, 6, 7);
        store.drop(dropped);
        store.dropRows(1);
        engine.refuseNextApply();
        assertThatThrownBy(() -> store.dropRows(5)).isInstanceOf(EngineFullException.class);
        while (store.dropRows(5)) {
            assertThat(store.shards().intersects(dropped)).isFalse();
        }
        Shards left = StateAssertions.ALL.minus(dropped);
        try (StoreView view = store.view()) {
            assertThat(StateAssertions.rows(view, RowScan.Request.of(KeySpan.all("t"))))
                    .isEqualTo(StateAssertions.rows(
                            view, RowScan.Request.of(KeySpan.all("t")).ofShards(left)));
        }
    }

    @Test
    void shouldRefuseAFeedReadThatReadsNothing() {
        assertThatThrownBy(() -> store.feed().read(0, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldLeaveNothingWhereThereIsNoStore(@TempDir Path scratch) {
        Path mistyped = scratch.resolve("dtaa");
        assertThatThrownBy(() -> Store.open(mistyped, StoreModelTest.SMALL))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("dtaa");
        assertThat(mistyped).doesNotExist();
    }

    @Test
    void shouldScrub() {
        grow(60);
        store.checkpoint().join();
        AtomicInteger reports = new AtomicInteger();
        store.scrub((done, total) -> reports.incrementAndGet());
        assertThat(reports).hasPositiveValue();
    }

    @Test
    void shouldTellListenersOfEveryWriteWhateverOneOfThemThrows() {
        AtomicInteger told = new AtomicInteger();
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> thrown.set(e));
        try {
            store.addListener(() -> {
                throw new IllegalStateException("a listener's own trouble");
            });
            store.addListener(told::incrementAndGet);
            grow(3);
            store.drop(Shards.of(new int[] {1}));
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }
        assertThat(told).hasValue(4);
        assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
    }

    /** Many states, the model's answers computed before, and readers that go on while the writer writes, drops and compacts. */
    @Test
    void shouldShowReadersOnlyStatesThatWere() throws Exception {
        History all = new History(9);
        for (int i = 0; i < 3_000; i++) {
            all.grow();
        }
        AtomicBoolean ended = new AtomicBoolean();
        List<Throwable> failures = new ArrayList<>();
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long seed = i;
            readers.add(new Thread(() -> readUntil(ended, all, seed, failures)));
        }
        readers.forEach(Thread::start);
        for (int entry = 0; entry < all.entryCount(); entry++) {
            store.apply(all.entry(entry), position(entry + 1));
            if (entry % 40 == 0) {
                store.checkpoint().join();
            }
        }
        ended.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(failures).isEmpty();
    }

    private void readUntil(AtomicBoolean ended, History all, long seed, List<Throwable> failures) {
        Random random = new Random(seed);
        try {
            while (!ended.get()) {
                long horizon = store.horizon();
                long index = horizon + random.nextInt((int) (store.appliedIndex() - horizon) + 1);
                try (StoreView view = random.nextBoolean() ? store.view() : store.viewAt(index)) {
                    StateAssertions.assertRows(view, all.at(view.index()).rows(), StateAssertions.ALL);
                    readFeed(all, index);
                } catch (BelowHorizonException e) {
                    assertThat(e.horizon()).isGreaterThan(horizon);
                }
            }
        } catch (Throwable e) {
            synchronized (failures) {
                failures.add(e);
            }
        }
    }

    private void readFeed(History all, long after) {
        FeedRead read = store.feed().read(after, 2_000);
        long next = after;
        for (var commit : read.commits()) {
            next++;
            assertThat(commit.index()).isEqualTo(next);
        }
        assertThat(read.through()).isEqualTo(next);
        // The log time goes on between commits, by entries that commit nothing.
        assertThat(read.throughTime()).isGreaterThanOrEqualTo(all.at(next).logTime());
        if (next < all.lastIndex()) {
            assertThat(read.throughTime()).isLessThanOrEqualTo(all.at(next + 1).logTime());
        }
    }
}
