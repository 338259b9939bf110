// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Days of mixed use at a tenth of the speed of thought: a queue, rows that expire, rows whose sizes drift, a log, and once
 * in four days nine of ten rows deleted. Knows how many bytes any engine must keep: what is live, and what the horizon,
 * six hours behind, still lets readers see. Used by one thread; {@link #neededBytes} may be read by others.
 */
final class SimulatedDays {
    static final int COMMITS_PER_HOUR = 60;
    private static final byte[] EMPTY = {};
    private static final int HISTORY_HOURS = 6;
    private static final int TTL_HOURS = 36;
    private static final int ROWS_PER_COMMIT = 8;

    private final int keys;
    private final int times;
    private final Random random = new Random(14);
    private final Map<Long, Integer> live = new HashMap<>();
    private final Deque<long[]> dying = new ArrayDeque<>();
    private final Deque<long[]> expiring = new ArrayDeque<>();
    private final Deque<Long> queue = new ArrayDeque<>();
    private long index;
    private long nextName = 1L << 40;
    private long appliedBytes;
    private final AtomicLong neededBytes = new AtomicLong();

    /**
     * @param keys of the rows that stay, about 1 KB each, for each time
     * @param times everything as often
     */
    SimulatedDays(int keys, int times) {
        this.keys = keys * times;
        this.times = times;
    }

    /** One commit of the hour; the horizon follows after each, as the caller may have it. */
    CommitRows commit(int day, int hour) {
        CommitRows commit = CommitRows.at(++index, EMPTY);
        Map<Long, Boolean> changed = new HashMap<>();
        int mean = 600 + 100 * (day % 7);
        boolean deleting = day % 4 == 3 && hour >= 12;
        for (int i = 0; i < ROWS_PER_COMMIT * times; i++) {
            long key = random.nextInt(keys);
            if (deleting && key % 10 != 0) {
                delete(commit, changed, key);
            } else {
                put(commit, changed, key, mean / 2 + random.nextInt(mean));
            }
        }
        for (int i = 0; i < times; i++) {
            long mail = nextName++;
            put(commit, changed, mail, 300);
            queue.add(mail);
            if (queue.size() > 100 * times) {
                delete(commit, changed, queue.remove());
            }
            long session = nextName++;
            put(commit, changed, session, 500);
            expiring.add(new long[] {session, index + (long) TTL_HOURS * COMMITS_PER_HOUR});
        }
        while (expiring.element()[1] <= index) {
            delete(commit, changed, expiring.remove()[0]);
        }
        byte[] entry = new byte[200 * times];
        commit.put(Histories.LOG, key(index), entry);
        appliedBytes += bytes(entry.length);
        dies(index, bytes(entry.length));
        return commit;
    }

    private void put(CommitRows commit, Map<Long, Boolean> changed, long key, int length) {
        if (changed.put(key, true) != null) {
            return;
        }
        byte[] value = new byte[length];
        random.nextBytes(value);
        commit.put(Histories.ROWS, key(key), value);
        replace(live.put(key, bytes(length)));
        neededBytes.addAndGet(bytes(length));
        appliedBytes += bytes(length);
    }

    private void delete(CommitRows commit, Map<Long, Boolean> changed, long key) {
        if (changed.put(key, true) != null) {
            return;
        }
        commit.delete(Histories.ROWS, key(key));
        replace(live.remove(key));
        appliedBytes += bytes(0);
        dies(index, bytes(0));
    }

    private void replace(@Nullable Integer before) {
        if (before != null) {
            dying.add(new long[] {index, before});
        }
    }

    private void dies(long at, int bytes) {
        dying.add(new long[] {at, bytes});
        neededBytes.addAndGet(bytes);
    }

    /** Where the horizon may go now; what dies at or below it is no longer needed. */
    long horizon() {
        long horizon = Math.max(0, index - (long) HISTORY_HOURS * COMMITS_PER_HOUR);
        while (!dying.isEmpty() && dying.element()[0] <= horizon) {
            neededBytes.addAndGet(-dying.remove()[1]);
        }
        return horizon;
    }

    long neededBytes() {
        return neededBytes.get();
    }

    /** Rows of all commits so far. */
    long appliedBytes() {
        return appliedBytes;
    }

    private static byte[] key(long number) {
        return ByteBuffer.allocate(8).putLong(number).array();
    }

    private static int bytes(int valueLength) {
        return 8 + 3 + 8 + 11 + valueLength;
    }
}
