// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MemtableTest {
    private static final int SPACE = 1;
    private static final byte[] NO_POSITION = {};

    private final Memtable memtable = new Memtable();

    @Test
    void shouldFindTheNewestVersionAtOrBelowAnIndex() {
        Random random = new Random(5);
        NavigableMap<byte[], Boolean> expected = new TreeMap<>(Arrays::compareUnsigned);
        long index = 0;
        for (int batch = 0; batch < 400; batch++) {
            List<CommitRows> commits = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                CommitRows commit = CommitRows.at(++index, NO_POSITION);
                int first = random.nextInt(2_000);
                for (int row = first; row < first + 5; row++) {
                    boolean tombstone = random.nextInt(4) == 0;
                    if (tombstone) {
                        commit.delete(SPACE, key(row));
                    } else {
                        commit.put(SPACE, key(row), new byte[random.nextInt(50)]);
                    }
                    expected.put(Encoding.rowKey(SPACE, key(row), index), tombstone);
                }
                commits.add(commit);
            }
            memtable.add(commits);
            for (int i = 0; i < 50; i++) {
                byte[] seek = Encoding.rowKey(SPACE, key(random.nextInt(2_100)), 1 + random.nextInt((int) index + 2));
                requireAsExpected(seek, expected);
            }
        }
    }

    private void requireAsExpected(byte[] seek, NavigableMap<byte[], Boolean> expected) {
        byte[] ceiling = expected.ceilingKey(seek);
        boolean exists = ceiling != null && Encoding.isSameRow(ceiling, seek);
        EncodedRow found = memtable.newest(seek);
        assertThat(keyOf(found)).isEqualTo(exists ? ceiling : null);
        if (found != null) {
            assertThat(found.tombstone()).isEqualTo(expected.get(found.key()));
        }
    }

    private static byte @Nullable [] keyOf(@Nullable EncodedRow row) {
        return row == null ? null : row.key();
    }

    private static byte[] key(int number) {
        return ("row-" + number).getBytes(StandardCharsets.US_ASCII);
    }

    private static final class Published {
        private volatile int index;
    }

    /** The writer goes on adding rows and versions while it is read as of what it has said to be there. */
    @Test
    void shouldShowReadersExactlyWhatIsPublished() throws Exception {
        int rows = 20_011;
        int versions = 60_000;
        Published published = new Published();
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try {
            Future<Integer> reads = reader.submit(() -> {
                Random random = new Random(6);
                int count = 0;
                for (int index = 0; index < versions; count++) {
                    index = published.index;
                    int row = random.nextInt(rows);
                    int newest = index - Math.floorMod(index - row, rows);
                    EncodedRow found = memtable.newest(Encoding.rowKey(SPACE, key(row), Math.max(1, index)));
                    assertThat(found == null ? 0 : found.index()).isEqualTo(Math.max(0, newest));
                }
                return count;
            });
            for (int index = 1; index <= versions; index++) {
                memtable.add(List.of(CommitRows.at(index, NO_POSITION).put(SPACE, key(index % rows), new byte[0])));
                published.index = index;
            }
            assertThat(reads.get()).isPositive();
        } finally {
            reader.shutdownNow();
        }
    }
}
