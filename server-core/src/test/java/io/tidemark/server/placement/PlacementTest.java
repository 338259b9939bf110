// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {

    private static final int SHARDS = 1024;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldPlaceEachShardOnAsManyAsAskedWhateverTheOrder(long seed) {
        Random random = new Random(seed);
        List<Candidate> candidates = candidates(random);
        int copies = 1 + random.nextInt(4);
        Placement placement = Placement.of(candidates, 64, copies);
        Collections.shuffle(candidates, random);
        Placement again = Placement.of(candidates, 64, copies);

        for (int shard = 0; shard < 64; shard++) {
            int owned = shard;
            List<String> owners = placement.owners(shard);
            assertThat(owners).doesNotHaveDuplicates().hasSize(Math.min(copies, candidates.size()));
            assertThat(again.owners(shard)).isEqualTo(owners);
            assertThat(candidates)
                    .allSatisfy(candidate -> assertThat(
                                    placement.shardsOf(candidate.id()).contains(owned))
                            .isEqualTo(owners.contains(candidate.id())));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldSpreadCopiesOverZonesAsEvenlyAsTheyAllow(long seed) {
        Random random = new Random(seed);
        List<Candidate> candidates = candidates(random);
        int copies = 1 + random.nextInt(5);
        Placement placement = Placement.of(candidates, 64, copies);
        Map<String, Integer> sizes = new HashMap<>();
        candidates.forEach(candidate -> sizes.merge(candidate.zone(), 1, Integer::sum));

        for (int shard = 0; shard < 64; shard++) {
            Map<String, Integer> used = new HashMap<>();
            placement.owners(shard).forEach(id -> used.merge(zoneOf(candidates, id), 1, Integer::sum));
            int most = Collections.max(used.values());
            // A zone with two copies less than another has no replica left.
            sizes.forEach((zone, size) ->
                    assertThat(used.getOrDefault(zone, 0)).as(zone).isGreaterThanOrEqualTo(Math.min(size, most - 1)));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void shouldMoveNothingButToWhoJoinsAndFromWhoLeaves(long seed) {
        Random random = new Random(seed);
        List<Candidate> before = candidates(random);
        int copies = 1 + random.nextInt(Math.max(1, Math.min(4, before.size() - 1)));
        List<Candidate> after = new ArrayList<>(before);
        Candidate joining = new Candidate("joining", "z" + random.nextInt(4), 1 + random.nextInt(200));
        after.add(joining);
        assertMoved(before, after, copies, joining.id());
    }

    /** One shard's set of owners changes by one at most, and only with that replica on one side of the exchange. */
    private static void assertMoved(List<Candidate> without, List<Candidate> with, int copies, String replica) {
        Placement smaller = Placement.of(without, SHARDS, copies);
        Placement larger = Placement.of(with, SHARDS, copies);
        for (int shard = 0; shard < SHARDS; shard++) {
            Set<String> old = new HashSet<>(smaller.owners(shard));
            Set<String> now = new HashSet<>(larger.owners(shard));
            if (!now.contains(replica)) {
                assertThat(now).isEqualTo(old);
            } else {
                Set<String> stayed = new HashSet<>(old);
                stayed.retainAll(now);
                assertThat(stayed).hasSize(now.size() - 1);
            }
        }
    }

    @Test
    void shouldMoveWhatAJoinMustMove() {
        List<Candidate> before = equal(9);
        List<Candidate> after = equal(10);
        Placement placed = Placement.of(after, SHARDS, 2);

        // Of 2048 copies the tenth replica must get a tenth; a draw of so many is within 4 deviations of it.
        assertThat(placed.shardsOf("r9").count()).isBetween(205 - 55, 205 + 55);
        assertMoved(before, after, 2, "r9");
    }

    @Test
    void shouldMoveOnlyToAReplicaThatBecomesHeavier() {
        List<Candidate> before = equal(10);
        List<Candidate> after = new ArrayList<>(before);
        after.set(4, new Candidate("r4", "", 300));
        Placement old = Placement.of(before, SHARDS, 2);
        Placement now = Placement.of(after, SHARDS, 2);

        assertThat(now.shardsOf("r4").containsAll(old.shardsOf("r4"))).isTrue();
        for (Candidate other : before) {
            if (!other.id().equals("r4")) {
                assertThat(old.shardsOf(other.id()).containsAll(now.shardsOf(other.id())))
                        .isTrue();
            }
        }
    }

    @Test
    void shouldBalanceByWeight() {
        List<Candidate> candidates = new ArrayList<>();
        int weights = 0;
        for (int i = 0; i < 8; i++) {
            candidates.add(new Candidate("r" + i, "", 50 * (1 + i % 4)));
            weights += 50 * (1 + i % 4);
        }
        int shards = 1 << 14;
        Placement placement = Placement.of(candidates, shards, 1);
        for (Candidate candidate : candidates) {
            double expected = (double) shards * candidate.weight() / weights;
            assertThat((double) placement.shardsOf(candidate.id()).count())
                    .as(candidate.id())
                    .isBetween(expected - 4 * Math.sqrt(expected), expected + 4 * Math.sqrt(expected));
        }
    }

    @Test
    void shouldBalanceTwoHundredOverThreeZones() {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            candidates.add(new Candidate("replica-" + i, "zone-" + i % 3, 100));
        }
        Placement placement = Placement.of(candidates, SHARDS, 3);
        for (Candidate candidate : candidates) {
            assertThat(placement.shardsOf(candidate.id()).count())
                    .as(candidate.id())
                    .isBetween(2, 36);
        }
        for (int shard = 0; shard < SHARDS; shard++) {
            assertThat(placement.owners(shard).stream().map(id -> zoneOf(candidates, id)))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void shouldPlaceEverythingOnAllIfAskedOrIfThereAreNoMore() {
        assertThat(Placement.of(equal(3), 16, 0).owners(7)).containsExactly("r0", "r1", "r2");
        assertThat(Placement.of(equal(3), 16, 4).owners(7)).containsExactly("r0", "r1", "r2");
        assertThat(Placement.of(List.of(), 16, 2).owners(7)).isEmpty();
        assertThat(Placement.of(equal(3), 16, 0).shardsOf("r1").count()).isEqualTo(16);
        assertThat(Placement.of(equal(3), 16, 0).shardsOf("x").isEmpty()).isTrue();
    }

    /** What was placed so must be placed so for ever, by any release on any machine: else an upgrade moves everything. */
    @Test
    void shouldNeverPlaceOtherwise() {
        List<Candidate> candidates = List.of(
                new Candidate("r1", "a", 100),
                new Candidate("r2", "a", 50),
                new Candidate("r3", "b", 100),
                new Candidate("r4", "b", 200),
                new Candidate("r5", "c", 100));
        Placement placement = Placement.of(candidates, 16, 2);
        StringBuilder text = new StringBuilder();
        for (int shard = 0; shard < 16; shard++) {
            text.append(String.join("", placement.owners(shard)).replace("r", ""))
                    .append(' ');
        }
        assertThat(text.toString().strip()).isEqualTo("14 14 14 23 45 13 31 45 41 54 51 15 35 52 54 41");
    }

    @Test
    void shouldRefuseTheSameReplicaTwice() {
        assertThatThrownBy(() -> Placement.of(
                        List.of(new Candidate("r", "a", 1), new Candidate("r", "b", 1), new Candidate("s", "b", 1)),
                        16,
                        1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("replica r is there twice");
    }

    private static List<Candidate> equal(int count) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            candidates.add(new Candidate("r" + i, "", 100));
        }
        return candidates;
    }

    private static List<Candidate> candidates(Random random) {
        List<Candidate> candidates = new ArrayList<>();
        int count = 1 + random.nextInt(12);
        int zones = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            candidates.add(new Candidate("r" + i, "z" + random.nextInt(zones), 1 + random.nextInt(200)));
        }
        return candidates;
    }

    private static String zoneOf(List<Candidate> candidates, String id) {
        return candidates.stream()
                .filter(candidate -> candidate.id().equals(id))
                .findFirst()
                .orElseThrow()
                .zone();
    }
}
