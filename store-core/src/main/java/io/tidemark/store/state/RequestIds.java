// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.api.XxHash64;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;

/**
 * The ids in the window of remembered requests, as hashes: where in the window a request of an id may stand. Almost every id that
 * is asked for is new, and is answered from here without a look at the engine. Sixteen bytes or so for each id.
 *
 * <p>Owned by the writer, and told only of what is in the engine. Hashes are seeded by chance, so that nobody can choose
 * ids that meet in one chain.
 */
final class RequestIds {

    private static final int CAPACITY_MIN = 1 << 10;

    private final long seed = new SplittableRandom().nextLong();
    private long first;
    private long next;

    /** By place: that of a sequence number is its lowest bits. */
    private long[] hashes = new long[CAPACITY_MIN];

    /** Chains of places, each plus one; 0 is the end. A chain begins at the lowest bits of its hashes. */
    private int[] heads = new int[CAPACITY_MIN];

    private int[] following = new int[CAPACITY_MIN];

    /** @param first the sequence number of the next id that is added */
    RequestIds(long first) {
        this.first = first;
        this.next = first;
    }

    /** An id, behind all others. */
    void add(String id) {
        if (next - first == hashes.length) {
            grow();
        }
        hashes[place(next)] = hash(id);
        link(place(next));
        next++;
    }

    private void link(int place) {
        int chain = chain(hashes[place]);
        following[place] = heads[chain];
        heads[chain] = place + 1;
    }

    private void grow() {
        long[] smaller = hashes;
        hashes = new long[Math.multiplyExact(smaller.length, 2)];
        for (long sequence = first; sequence < next; sequence++) {
            hashes[place(sequence)] = smaller[(int) (sequence & smaller.length - 1)];
        }
        heads = new int[hashes.length];
        following = new int[hashes.length];
        for (long sequence = first; sequence < next; sequence++) {
            link(place(sequence));
        }
    }

    /** Forgets the oldest, up to a sequence number that stays. */
    void forgetBefore(long sequence) {
        for (; first < sequence; first++) {
            unlink(place(first));
        }
    }

    private void unlink(int place) {
        int chain = chain(hashes[place]);
        if (heads[chain] == place + 1) {
            heads[chain] = following[place];
            return;
        }
        int before = heads[chain] - 1;
        while (following[before] != place + 1) {
            before = following[before] - 1;
        }
        following[before] = following[place];
    }

    /**
     * The sequence number of an id; -1: it is not remembered.
     *
     * @param isOfId looks at the request with that sequence number, whose id has the same hash
     */
    long find(String id, LongPredicate isOfId) {
        long hash = hash(id);
        for (int at = heads[chain(hash)]; at != 0; at = following[at - 1]) {
            int place = at - 1;
            if (hashes[place] == hash) {
                long sequence = first + (place - first & hashes.length - 1);
                if (isOfId.test(sequence)) {
                    return sequence;
                }
            }
        }
        return -1;
    }

    private long hash(String id) {
        byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
        return XxHash64.hash(bytes, 0, bytes.length, seed);
    }

    private int place(long sequence) {
        return (int) (sequence & hashes.length - 1);
    }

    private int chain(long hash) {
        return (int) (hash & heads.length - 1);
    }
}
