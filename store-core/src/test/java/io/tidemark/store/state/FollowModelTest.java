// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static io.tidemark.store.state.StateAssertions.ALL;
import static io.tidemark.store.state.StateAssertions.SHARD_COUNT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.store.RandomHistories;
import io.tidemark.store.Shards;
import io.tidemark.store.copy.DamagedCopyException;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.copy.RowChunks;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.engine.SimulatedDisk;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.feed.FeedRead;
import io.tidemark.store.transition.RandomEntries;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A replica's store that follows a node's: shards are copied in while the feed goes on, let go of and taken again, with power
 * cuts in between; whatever can be read must be what the node has at that index.
 */
class FollowModelTest {

    private static final HistoryId HISTORY = new HistoryId("0123456789abcdef");
    private static final int STEPS = 150;

    @Test
    void shouldHoldWhatTheNodeHolds() {
        RandomHistories.each(seed -> new Run(seed).run());
    }

    private static final class Run {
        private final Random random;
        private final History history;
        private final Store node;
        private SimulatedDisk disk = new SimulatedDisk();
        private Store replica;

        /** The node's state that the copy under way is of, held by the node as long as it lasts. */
        private @Nullable StoreView copied;

        private int applied;

        Run(long seed) {
            random = new Random(~seed);
            history = new History(seed);
            node = Store.create(
                    new SimulatedDisk().open(StoreModelTest.SMALL.engine()),
                    StoreBirth.ofNewHistory(HISTORY, RandomEntries.SETTINGS),
                    StoreModelTest.SMALL);
            for (int i = random.nextInt(20); i > 0; i--) {
                write();
            }
            replica = create();
        }

        /** A new replica begins where the node is. */
        private Store create() {
            disk = new SimulatedDisk();
            StoreBirth birth = StoreBirth.ofReplica(FollowTest.welcome(node));
            return Store.create(disk.open(StoreModelTest.SMALL.engine()), birth, StoreModelTest.SMALL);
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(20)) {
                    case 0 -> replica.checkpoint().join();
                    case 1 -> cutPower();
                    case 2 -> drop();
                    case 3 -> replica.dropRows(1 + random.nextInt(6));
                    case 4, 5, 6 -> copySome();
                    case 7, 8, 9, 10 -> follow();
                    case 11 -> compare();
                    default -> write();
                }
            }
            follow();
            compare();
            finishCopy();
            while (replica.dropRows(5)) {
                assertThat(replica.copyUnderWay()).isEmpty();
            }
            try (StoreView view = replica.view()) {
                StateAssertions.assertRows(
                        view, StateAssertions.ofShards(history.at(view.index()).rows(), replica.shards()), ALL);
            }
            compare();
            node.close();
            replica.close();
        }

        private void write() {
            history.grow();
            node.apply(history.entry(applied), ByteString.EMPTY);
            applied++;
        }

        /** Over the wire: only what a subscriber to everything that is held or copied is sent. */
        private void follow() {
            if (replica.appliedIndex() < node.horizon()) {
                startAnew();
            }
            FeedRead read = node.feed().read(replica.appliedIndex(), 1 + random.nextInt(4_000));
            Shards subscribed = subscribed();
            List<CommitEffects> commits = new ArrayList<>();
            for (CommitEffects commit : read.commits()) {
                FeedCommit sent = commit.forShards(subscribed);
                if (sent != null) {
                    commits.add(CommitEffects.of(sent));
                }
            }
            replica.follow(commits, read.through(), history.at(read.through()).logTime(), ByteString.EMPTY);
            assertThat(replica.appliedIndex()).isEqualTo(read.through());
            assertThat(replica.logTime())
                    .isGreaterThanOrEqualTo(history.at(read.through()).logTime());
        }

        private Shards subscribed() {
            return replica.copyUnderWay()
                    .map(copy -> replica.shards().plus(copy.shards()))
                    .orElse(replica.shards());
        }

        /** So far behind that the feed is gone, tables and all: a new store takes the place of the old one. */
        private void startAnew() {
            replica.close();
            endCopy();
            replica = create();
        }

        private void copySome() {
            if (replica.copyUnderWay().isEmpty()) {
                startCopy();
                return;
            }
            CopyState state = replica.copyUnderWay().orElseThrow();
            StoreView view = copied;
            if (view == null || view.index() != state.index()) {
                throw new AssertionError("copy of index " + state.index() + " without its view");
            }
            long rowCount = StateAssertions.ofShards(history.at(state.index()).rows(), state.shards())
                    .size();
            try (RowChunks chunks =
                    node.copy(view, state.shards(), state.passed(), 1 + random.nextInt(400), 1 + random.nextInt(6))) {
                for (int i = random.nextInt(3); i >= 0; i--) {
                    RowChunk chunk = chunks.next();
                    if (chunk == null) {
                        assertThat(replica.copyUnderWay().orElseThrow().rows()).isEqualTo(rowCount);
                        endCopySome(rowCount);
                        break;
                    }
                    if (!copyIn(chunk, chunks, rowCount)) {
                        break;
                    }
                }
            }
            if (replica.copyUnderWay().isEmpty()) {
                assertThat(replica.shards().containsAll(state.shards())).isTrue();
                endCopy();
            }
        }

        /** False: not all of it has been taken, and the rest comes with another chunk. */
        private boolean copyIn(RowChunk chunk, RowChunks chunks, long rowCount) {
            CopyState before = replica.copyUnderWay().orElseThrow();
            if (random.nextInt(4) == 0) {
                if (before.rows() < rowCount) {
                    assertThatThrownBy(() -> replica.endCopy(before.rows() + chunk.rowCount() + 1, 1))
                            .isInstanceOf(DamagedCopyException.class);
                    assertThatThrownBy(() -> replica.endCopy(rowCount, 1)).isInstanceOf(DamagedCopyException.class);
                }
                RowChunk later = chunks.next();
                if (later != null) {
                    assertThatThrownBy(() -> replica.copyIn(later, 1)).isInstanceOf(DamagedCopyException.class);
                }
                assertThat(replica.copyUnderWay()).contains(before);
                takeWhole(chunk);
                assertThatThrownBy(() -> replica.copyIn(chunk, 1)).isInstanceOf(DamagedCopyException.class);
                return false;
            }
            if (random.nextInt(3) == 0) {
                return replica.copyIn(chunk, 1 + random.nextInt(3));
            }
            takeWhole(chunk);
            return true;
        }

        private void takeWhole(RowChunk chunk) {
            boolean done = false;
            while (!done) {
                done = replica.copyIn(chunk, 1 + random.nextInt(3));
            }
            assertThat(replica.copyUnderWay().orElseThrow().passed()).isEqualTo(chunk.through());
        }

        private void endCopySome(long rowCount) {
            boolean done = false;
            for (int i = random.nextInt(6); i >= 0 && !done; i--) {
                done = replica.endCopy(rowCount, 1 + random.nextInt(3));
            }
            assertThat(replica.copyUnderWay().isEmpty()).isEqualTo(done);
        }

        /** Of the node's newest state, or of an older one that the replica's feed for these shards begins before. */
        private void startCopy() {
            Shards shards =
                    Shards.of(random.ints(1 + random.nextInt(8), 0, SHARD_COUNT).toArray());
            long first = Math.max(node.horizon(), replica.lowestCopyIndex());
            if (first > node.appliedIndex()) {
                return;
            }
            if (replica.lowestCopyIndex() > 0) {
                long tooLow = replica.lowestCopyIndex() - 1;
                assertThatThrownBy(() -> replica.startCopy(shards, tooLow))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            long index = first + random.nextInt((int) (node.appliedIndex() - first) + 1);
            copied = node.viewAt(index);
            replica.startCopy(shards, index);
            assertThat(replica.shards().intersects(shards)).isFalse();
            assertThatThrownBy(() -> replica.startCopy(shards, index)).isInstanceOf(IllegalStateException.class);
        }

        private void finishCopy() {
            while (replica.copyUnderWay().isPresent()) {
                copySome();
            }
            while (replica.appliedIndex() < node.appliedIndex()) {
                follow();
            }
        }

        private void endCopy() {
            StoreView view = copied;
            if (view != null) {
                view.close();
                copied = null;
            }
        }

        private void drop() {
            Shards shards =
                    Shards.of(random.ints(1 + random.nextInt(3), 0, SHARD_COUNT).toArray());
            boolean hitsCopy = replica.copyUnderWay()
                    .filter(copy -> copy.shards().intersects(shards))
                    .isPresent();
            replica.drop(shards);
            assertThat(replica.shards().intersects(shards)).isFalse();
            assertThat(replica.copyUnderWay().isPresent()).isEqualTo(copied != null && !hitsCopy);
            if (hitsCopy) {
                endCopy();
            }
        }

        private void cutPower() {
            replica.close();
            disk.loseUnsynced(random);
            replica = Store.open(disk.open(StoreModelTest.SMALL.engine()), StoreModelTest.SMALL);
            assertThat(replica.check(rows -> {}).differences()).isEmpty();
            // A copy may have been forgotten, or be at an earlier place, or one that had ended is under way again.
            if (replica.copyUnderWay().isPresent()) {
                CopyState copy = replica.copyUnderWay().orElseThrow();
                endCopy();
                if (copy.index() < node.horizon()) {
                    replica.drop(copy.shards());
                } else {
                    copied = node.viewAt(copy.index());
                }
            } else {
                endCopy();
            }
        }

        private void compare() {
            assertThat(replica.check(rows -> {}).differences()).isEmpty();
            for (long index = Math.max(replica.horizon(), node.horizon()); index <= replica.appliedIndex(); index++) {
                try (StoreView view = replica.viewAt(index)) {
                    Shards readable = view.readable();
                    History.State expected = history.at(index);
                    StateAssertions.assertRows(view, StateAssertions.ofShards(expected.rows(), readable), readable);
                    if (!readable.isEmpty()) {
                        assertThat(view.tables())
                                .isEqualTo(List.copyOf(expected.tables().values()));
                        StateAssertions.assertFeed(replica, history, index, readable, random);
                    }
                }
            }
            compareDigests();
        }

        private void compareDigests() {
            long index = replica.appliedIndex();
            if (index == node.appliedIndex()) {
                DigestsAt mine = replica.digests();
                DigestsAt theirs = node.digests();
                try (StoreView view = replica.view()) {
                    view.readable().stream()
                            .forEach(shard -> assertThat(mine.differingBuckets(theirs, shard))
                                    .isEmpty());
                }
            }
        }
    }
}
