// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.tidemark.api.ShardHash;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunningDigestsTest {

    private static final DigestLayout LAYOUT = new DigestLayout(8);
    private static final RowName NAME = new RowName("users", "a");
    private static final StoredRow ROW = new StoredRow(
            ByteString.copyFromUtf8("value"), "text/plain", 3, 5, 9, new LogTime(100, 7), new LogTime(200, 0));

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldEqualThoseRecomputedFromTheRowsThatAreLeft(long seed) {
        Random random = new Random(seed);
        Map<RowName, StoredRow> rows = new HashMap<>();
        RunningDigests running = new RunningDigests(LAYOUT);
        for (int index = 1; index <= 5_000; index++) {
            RowName name = new RowName("t" + random.nextInt(2), "key" + random.nextInt(300));
            StoredRow after = random.nextInt(3) == 0 ? null : randomRow(random, index);
            running.change(name, rows.get(name), after);
            if (after == null) {
                rows.remove(name);
            } else {
                rows.put(name, after);
            }
        }

        assertThat(shardsOf(running.at(1))).as("seed %d", seed).isEqualTo(shardsOf(recomputed(rows, random)));
        assertThat(shardsOf(running.at(1)).stream().mapToLong(Digest::rowCount).sum())
                .isEqualTo(rows.size());

        rows.forEach((name, row) -> running.change(name, row, null));
        assertThat(shardsOf(running.at(2))).containsOnly(Digest.EMPTY);
    }

    @Test
    void shouldDifferForEveryFieldThatDiffers() {
        List<StoredRow> others = List.of(
                new StoredRow(
                        ByteString.copyFromUtf8("valuf"), "text/plain", 3, 5, 9, ROW.modifiedTime(), ROW.expireTime()),
                new StoredRow(ROW.value(), "text/plaim", 3, 5, 9, ROW.modifiedTime(), ROW.expireTime()),
                new StoredRow(ROW.value(), "text/plain", 4, 5, 9, ROW.modifiedTime(), ROW.expireTime()),
                new StoredRow(ROW.value(), "text/plain", 3, 6, 9, ROW.modifiedTime(), ROW.expireTime()),
                new StoredRow(ROW.value(), "text/plain", 3, 5, 10, ROW.modifiedTime(), ROW.expireTime()),
                new StoredRow(ROW.value(), "text/plain", 3, 5, 9, new LogTime(101, 7), ROW.expireTime()),
                new StoredRow(ROW.value(), "text/plain", 3, 5, 9, new LogTime(100, 8), ROW.expireTime()),
                new StoredRow(ROW.value(), "text/plain", 3, 5, 9, ROW.modifiedTime(), new LogTime(200, 1)),
                new StoredRow(ROW.value(), "text/plain", 3, 5, 9, ROW.modifiedTime(), null),
                // The same bytes, cut at another place.
                new StoredRow(
                        ByteString.copyFromUtf8("nvalue"), "text/plai", 3, 5, 9, ROW.modifiedTime(), ROW.expireTime()));
        int shard = ShardHash.shardOf(NAME.table(), NAME.key(), LAYOUT.shardCount());

        assertThat(others)
                .allSatisfy(other -> assertThat(of(NAME, other).shard(shard))
                        .isNotEqualTo(of(NAME, ROW).shard(shard)));
        assertThat(of(NAME, ROW).shard(shard)).isEqualTo(of(NAME, ROW).shard(shard));
    }

    @Test
    void shouldStayWrongAfterADamagedRowIsOverwrittenElsewhereOnly() {
        StoredRow damaged = new StoredRow(
                ByteString.copyFromUtf8("vAlue"), "text/plain", 3, 5, 9, ROW.modifiedTime(), ROW.expireTime());
        RunningDigests here = new RunningDigests(LAYOUT);
        RunningDigests there = new RunningDigests(LAYOUT);
        here.change(NAME, null, ROW);
        there.change(NAME, null, ROW);

        // The row is damaged here after it was counted; then both remove it, each taking out what it holds.
        here.change(NAME, damaged, null);
        there.change(NAME, ROW, null);

        int shard = ShardHash.shardOf(NAME.table(), NAME.key(), LAYOUT.shardCount());
        assertThat(here.at(10).shard(shard)).isNotEqualTo(there.at(10).shard(shard));
    }

    @Test
    void shouldLocateADifference() {
        RunningDigests here = new RunningDigests(LAYOUT);
        RunningDigests there = new RunningDigests(LAYOUT);
        Random random = new Random(7);
        for (int i = 0; i < 1_000; i++) {
            RowName name = new RowName("t", "key" + i);
            StoredRow row = randomRow(random, i + 1);
            here.change(name, null, row);
            there.change(name, null, row);
        }
        here.change(NAME, null, ROW);

        int shard = ShardHash.shardOf(NAME.table(), NAME.key(), LAYOUT.shardCount());
        int bucket = ShardHash.shardOf(NAME.table(), NAME.key(), LAYOUT.bucketCount()) % DigestLayout.BUCKETS_PER_SHARD;
        for (int s = 0; s < LAYOUT.shardCount(); s++) {
            List<Integer> expected = s == shard ? List.of(bucket) : List.of();
            assertThat(here.at(1_001).differingBuckets(there.at(1_001), s)).isEqualTo(expected);
        }
    }

    @Test
    void shouldNotBeComparedAcrossIndexes() {
        RunningDigests digests = new RunningDigests(LAYOUT);

        assertThatThrownBy(() -> digests.at(1).differingBuckets(digests.at(2), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("index 1")
                .hasMessageContaining("index 2");
    }

    @Test
    void shouldGoOnFromWhatWasKept() {
        RunningDigests first = new RunningDigests(LAYOUT);
        first.change(NAME, null, ROW);

        RunningDigests again = new RunningDigests(LAYOUT);
        for (int shard = 0; shard < LAYOUT.shardCount(); shard++) {
            again.load(shard, first.buckets(shard));
        }
        again.change(NAME, ROW, null);

        assertThat(shardsOf(again.at(10))).containsOnly(Digest.EMPTY);
    }

    @Test
    void shouldHashALargeRowAsItHashesSmallOnes() {
        StoredRow large = new StoredRow(ByteString.copyFrom(new byte[1 << 20]), "", 1, 1, 1, LogTime.MIN, null);
        RunningDigests digests = new RunningDigests(LAYOUT);
        digests.change(NAME, null, large);
        digests.change(new RowName("t", "b"), null, ROW);
        digests.change(NAME, large, ROW);
        digests.change(new RowName("t", "b"), ROW, null);

        assertThat(shardsOf(digests.at(1))).isEqualTo(shardsOf(of(NAME, ROW)));
    }

    @Test
    void shouldKeepTheDigestsOfTheLastAgreedIndexes() {
        DigestSchedule schedule = new DigestSchedule();
        RunningDigests digests = new RunningDigests(LAYOUT);
        for (long index = 1; index <= 20 * DigestSchedule.INTERVAL; index++) {
            if (index % DigestSchedule.INTERVAL == 0) {
                schedule.keep(digests.at(index));
            }
        }

        assertThat(schedule.newest().orElseThrow().index()).isEqualTo(20 * DigestSchedule.INTERVAL);
        assertThat(schedule.at(13 * DigestSchedule.INTERVAL)).isPresent();
        assertThat(schedule.at(12 * DigestSchedule.INTERVAL)).isEmpty();
        assertThatThrownBy(() -> schedule.keep(digests.at(5))).hasMessageContaining("expected: above");
    }

    private static DigestsAt recomputed(Map<RowName, StoredRow> rows, Random random) {
        List<RowName> names = new ArrayList<>(rows.keySet());
        Collections.shuffle(names, random);
        RunningDigests digests = new RunningDigests(LAYOUT);
        names.forEach(name -> digests.change(name, null, rows.get(name)));
        return digests.at(1);
    }

    private static DigestsAt of(RowName name, StoredRow row) {
        RunningDigests digests = new RunningDigests(LAYOUT);
        digests.change(name, null, row);
        return digests.at(1);
    }

    private static List<Digest> shardsOf(DigestsAt digests) {
        List<Digest> shards = new ArrayList<>();
        for (int shard = 0; shard < LAYOUT.shardCount(); shard++) {
            shards.add(digests.shard(shard));
        }
        return shards;
    }

    private static StoredRow randomRow(Random random, long index) {
        byte[] value = new byte[random.nextInt(200)];
        random.nextBytes(value);
        return new StoredRow(
                ByteString.copyFrom(value),
                random.nextBoolean() ? "application/json" : "",
                1 + random.nextInt(5),
                Math.max(1, index - random.nextInt(10)),
                index,
                new LogTime(1_000 + index, random.nextInt(1_000)),
                random.nextBoolean() ? new LogTime(5_000 + index, 0) : null);
    }
}
