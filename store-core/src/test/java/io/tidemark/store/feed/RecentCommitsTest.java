// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.feed;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.transition.RowEffect;
import io.tidemark.store.transition.SystemChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecentCommitsTest {
    private static final int SHARDS = 8;
    private static final LogTime NOW = new LogTime(5_000, 7);

    private final Random random = new Random(3);
    private final List<CommitEffects> all = new ArrayList<>();

    @Test
    void shouldGiveWhatWasAddedWhetherPackedOrNot() {
        RecentCommits recent = new RecentCommits(Long.MAX_VALUE, 0);
        while (all.size() < 5_000) {
            addTo(recent);
        }
        for (int i = 0; i < 300; i++) {
            int after = random.nextInt(all.size() + 1);
            int through = after + random.nextInt(Math.min(400, all.size() - after) + 1);
            FeedRead read = read(recent, after, through, Long.MAX_VALUE);
            assertSame(read.commits(), all.subList(after, through));
            assertThat(read.through()).isEqualTo(through);
        }
    }

    @Test
    void shouldEndAReadWhereItsBytesAreReached() {
        RecentCommits recent = new RecentCommits(Long.MAX_VALUE, 0);
        while (all.size() < 3_000) {
            addTo(recent);
        }
        for (int after : new int[] {0, 1, 1_000, 2_990}) {
            FeedRead read = read(recent, after, all.size(), 1_000);
            long bytes = read.commits().stream().mapToLong(CommitEffects::bytes).sum();
            long last = read.commits().get(read.commits().size() - 1).bytes();
            assertThat(bytes).isGreaterThanOrEqualTo(1_000);
            assertThat(bytes - last).isLessThan(1_000);
            assertSame(read.commits(), all.subList(after, (int) read.through()));
        }
    }

    @Test
    void shouldLetTheOldestGoAndKnowIt() {
        RecentCommits recent = new RecentCommits(1 << 20, 0);
        while (all.size() < 20_000) {
            addTo(recent);
        }
        assertThat(recent.read(0, all.size(), NOW, Long.MAX_VALUE)).isNull();
        int after = all.size();
        while (recent.read(after - 1, all.size(), NOW, Long.MAX_VALUE) != null) {
            after--;
        }
        assertSame(read(recent, after, all.size(), Long.MAX_VALUE).commits(), all.subList(after, all.size()));
        long kept = all.subList(after, all.size()).stream()
                .mapToLong(CommitEffects::bytes)
                .sum();
        assertThat(kept).isBetween((1L << 20) - (64 << 10), 1L << 20);
    }

    @Test
    void shouldEncodeOnePutAsTheMessagesDo() {
        for (int i = 0; i < 1_000; i++) {
            List<RowEffect> one = List.of(put(i, random.nextInt(3), null));
            assertThat(EffectsCodec.byShard(one)).isEqualTo(EffectsCodec.byShardOfAny(one));
        }
    }

    private static FeedRead read(RecentCommits recent, long after, long through, long bytesMax) {
        FeedRead read = recent.read(after, through, NOW, bytesMax);
        assertThat(read).isNotNull();
        return requireNonNull(read);
    }

    private static void assertSame(List<CommitEffects> found, List<CommitEffects> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            CommitEffects one = found.get(i);
            CommitEffects other = expected.get(i);
            assertThat(one.index()).isEqualTo(other.index());
            assertThat(one.logTime()).isEqualTo(other.logTime());
            assertThat(one.bytes()).isEqualTo(other.bytes());
            assertThat(one.rows()).isEqualTo(other.rows());
            assertThat(one.system()).isEqualTo(other.system());
            for (Shards shards : List.of(Shards.NONE, Shards.of(1, 3, 5), Shards.all(SHARDS))) {
                assertThat(one.forShards(shards)).isEqualTo(other.forShards(shards));
            }
        }
    }

    private void addTo(RecentCommits recent) {
        List<CommitEffects> entry = new ArrayList<>();
        int count = random.nextInt(random.nextInt(4) == 0 ? 300 : 3);
        for (int i = 0; i < count; i++) {
            entry.add(commit(all.size() + i + 1));
        }
        all.addAll(entry);
        recent.add(entry);
    }

    private CommitEffects commit(int index) {
        List<RowEffect> rows = new ArrayList<>();
        int count = random.nextInt(10) == 0 ? random.nextInt(6) : 1;
        for (int position = 0; position < count; position++) {
            rows.add(
                    random.nextInt(5) == 0
                            ? new RowEffect.Tombstone(
                                    name(), random.nextInt(SHARDS), position, TombstoneCause.TOMBSTONE_CAUSE_EXPIRE)
                            : put(index, position, random.nextInt(9) == 0 ? new LogTime(9_000, index) : null));
        }
        List<SystemChange> system =
                random.nextInt(20) == 0 ? List.of(new SystemChange.HorizonRaised(index - 1)) : List.of();
        return new CommitEffects(index, new LogTime(1_000, index), rows, system);
    }

    private RowEffect put(int index, int position, @Nullable LogTime expireTime) {
        byte[] value = new byte[random.nextInt(200)];
        random.nextBytes(value);
        StoredRow row = new StoredRow(
                ByteString.copyFrom(value),
                random.nextBoolean() ? "text/plain" : "application/json",
                1 + random.nextInt(300),
                1 + random.nextInt(index + 1),
                index,
                new LogTime(1_000, index),
                expireTime);
        return new RowEffect.Put(name(), random.nextInt(SHARDS), position, row);
    }

    private RowName name() {
        return new RowName("t" + random.nextInt(3), "schlüssel-" + random.nextInt(1_000));
    }
}
