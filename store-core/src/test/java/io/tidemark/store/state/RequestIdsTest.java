// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RequestIdsTest {

    /** Sequence numbers far from zero, and a window that grows, shrinks to nothing and goes round many times. */
    @Test
    void findsWhatAMapFinds() {
        Random random = new Random(1);
        long first = (1L << 33) - 500;
        long next = first;
        RequestIds ids = new RequestIds(first);
        TreeMap<Long, String> expected = new TreeMap<>();
        for (int step = 0; step < 200; step++) {
            for (int i = random.nextInt(step % 50 == 49 ? 5000 : 200); i > 0; i--) {
                String id = "id-" + next;
                ids.add(id);
                expected.put(next++, id);
            }
            first = step % 20 == 19 ? next : first + random.nextInt((int) Math.min(300, next - first + 1));
            ids.forgetBefore(first);
            expected.headMap(first).clear();
            for (long sequence = first - 50; sequence < next + 50; sequence += 1 + random.nextInt(20)) {
                String id = "id-" + sequence;
                long found = ids.find(id, at -> id.equals(expected.get(at)));
                assertThat(found).isEqualTo(expected.containsKey(sequence) ? sequence : -1);
            }
        }
    }

    @Test
    void goesByTheRequestAndNotByItsHashAlone() {
        RequestIds ids = new RequestIds(1);
        ids.add("same");
        ids.add("same");

        assertThat(ids.find("same", sequence -> sequence == 1)).isEqualTo(1);
        assertThat(ids.find("same", sequence -> sequence == 2)).isEqualTo(2);
        assertThat(ids.find("same", sequence -> false)).isEqualTo(-1);
        assertThat(ids.find("other", sequence -> true)).isEqualTo(-1);
    }
}
