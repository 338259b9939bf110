// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.placement;

import io.tidemark.api.XxHash64;
import io.tidemark.store.Shards;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which replicas should own which shards: weighted rendezvous hashing. Each replica draws a lot for each shard, from its id and the
 * shard alone; the heavier it is, the better its lots. Owners are those with the best lots, but a zone that has a copy comes after
 * zones that have fewer. So a replica that joins or leaves, or whose weight changes, moves only its own shards: to it, or from it.
 *
 * <p>The same replicas give the same placement everywhere and always, in whatever order they are given: the hash is written out
 * in our own code, the logarithm is {@link StrictMath}'s, whose every bit is specified, and everything else is exact or rounded as
 * IEEE 754 says.
 */
public final class Placement {

    /** Nobody owns anything. */
    public static final Placement NONE = new Placement(List.of(), new TreeMap<>());

    private final List<List<String>> owners;
    private final Map<String, Shards> shards;

    private Placement(List<List<String>> owners, Map<String, Shards> shards) {
        this.owners = Collections.unmodifiableList(owners);
        this.shards = Collections.unmodifiableMap(shards);
    }

    /**
     * Places shards.
     *
     * @param candidates each id once, in any order
     * @param copies how many owners each shard should have, if there are as many candidates; zero: all
     */
    public static Placement of(Collection<Candidate> candidates, int shardCount, int copies) {
        List<Candidate> sorted = new ArrayList<>(candidates);
        sorted.sort(Comparator.comparing(Candidate::id));
        requireDistinct(sorted);
        if (shardCount < 1 || copies < 0) {
            throw new IllegalArgumentException(
                    "placement of " + shardCount + " shards, " + copies + " copies (expected: above 0, not below 0)");
        }
        boolean everybody = copies == 0 || copies >= sorted.size();
        return everybody ? ofAll(sorted, shardCount) : new Draw(sorted, shardCount, copies).placement();
    }

    private static void requireDistinct(List<Candidate> sorted) {
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).id().equals(sorted.get(i - 1).id())) {
                throw new IllegalArgumentException(
                        "replica " + sorted.get(i).id() + " is there twice (expected: each id once)");
            }
        }
    }

    private static Placement ofAll(List<Candidate> sorted, int shardCount) {
        List<String> all = sorted.stream().map(Candidate::id).toList();
        TreeMap<String, Shards> shards = new TreeMap<>();
        all.forEach(id -> shards.put(id, Shards.all(shardCount)));
        return new Placement(Collections.nCopies(shardCount, all), shards);
    }

    /** Who should own a shard, the best lot first. */
    public List<String> owners(int shard) {
        return owners.get(shard);
    }

    /** What a replica should own. */
    public Shards shardsOf(String replicaId) {
        return shards.getOrDefault(replicaId, Shards.NONE);
    }

    /** How many shards are placed. */
    public int shardCount() {
        return owners.size();
    }

    /** The lots of all candidates for all shards. */
    private static final class Draw {

        private static final double TWO_POW_MINUS_52 = 0x1p-52;

        private final List<Candidate> candidates;
        private final int shardCount;
        private final int copies;
        private final long[] seeds;
        private final int[] zones;
        private final int zoneCount;

        private Draw(List<Candidate> candidates, int shardCount, int copies) {
            this.candidates = candidates;
            this.shardCount = shardCount;
            this.copies = copies;
            this.seeds = new long[candidates.size()];
            this.zones = new int[candidates.size()];
            Map<String, Integer> numbers = new HashMap<>();
            for (int i = 0; i < seeds.length; i++) {
                byte[] id = candidates.get(i).id().getBytes(StandardCharsets.UTF_8);
                seeds[i] = XxHash64.hash(id, 0, id.length, 0);
                Integer zone = numbers.putIfAbsent(candidates.get(i).zone(), numbers.size());
                zones[i] = zone == null ? numbers.size() - 1 : zone;
            }
            this.zoneCount = numbers.size();
        }

        private Placement placement() {
            List<List<String>> owners = new ArrayList<>(shardCount);
            BitSet[] owned = new BitSet[candidates.size()];
            for (int i = 0; i < owned.length; i++) {
                owned[i] = new BitSet();
            }
            double[] lots = new double[candidates.size()];
            for (int shard = 0; shard < shardCount; shard++) {
                for (int i = 0; i < lots.length; i++) {
                    lots[i] = lot(i, shard);
                }
                List<String> chosen = new ArrayList<>(copies);
                for (int owner : choose(lots)) {
                    owned[owner].set(shard);
                    chosen.add(candidates.get(owner).id());
                }
                owners.add(List.copyOf(chosen));
            }
            TreeMap<String, Shards> shards = new TreeMap<>();
            for (int i = 0; i < owned.length; i++) {
                shards.put(candidates.get(i).id(), Shards.of(owned[i].stream().toArray()));
            }
            return new Placement(owners, shards);
        }

        /** Exponentially distributed, with the weight for a rate: of any set, each is the least as often as its weight says. */
        private double lot(int candidate, int shard) {
            long mixed = mixed(seeds[candidate] ^ mixed(shard));
            // Exact, and neither 0 nor 1.
            double uniform = ((mixed >>> 12) + 0.5) * TWO_POW_MINUS_52;
            return -StrictMath.log(uniform) / candidates.get(candidate).weight();
        }

        /** A bijection that spreads every bit over all: the finalizer of SplitMix64. */
        private static long mixed(long value) {
            long z = value + 0x9E3779B97F4A7C15L;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            return z ^ (z >>> 31);
        }

        /** Equal lots, which practically never are, go by the order of the ids. */
        private int[] choose(double[] lots) {
            int[] chosen = new int[copies];
            int[] ofZone = new int[zoneCount];
            BitSet taken = new BitSet();
            for (int copy = 0; copy < copies; copy++) {
                int best = -1;
                for (int i = 0; i < lots.length; i++) {
                    if (!taken.get(i) && (best < 0 || isBefore(i, best, lots, ofZone))) {
                        best = i;
                    }
                }
                chosen[copy] = best;
                taken.set(best);
                ofZone[zones[best]]++;
            }
            return chosen;
        }

        private boolean isBefore(int one, int other, double[] lots, int[] ofZone) {
            int here = ofZone[zones[one]];
            int there = ofZone[zones[other]];
            return here != there ? here < there : lots[one] < lots[other];
        }
    }
}
