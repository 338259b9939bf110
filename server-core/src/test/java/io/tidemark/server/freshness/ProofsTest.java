// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.time.Moment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProofsTest {

    private final Proofs proofs = new Proofs();

    private static Proof proof(long begun, long index) {
        return new Proof(new Moment(begun, begun), index);
    }

    @Test
    void shouldKnowNothingAtFirst() {
        assertThat(proofs.newestFor(Long.MAX_VALUE)).isNull();
    }

    @Test
    void shouldNotHoldForAStateBelowItsIndex() {
        proofs.add(proof(10, 5));
        assertThat(proofs.newestFor(4)).isNull();
        assertThat(proofs.newestFor(5)).isEqualTo(proof(10, 5));
    }

    @Test
    void shouldForgetAll() {
        proofs.add(proof(10, 5));
        proofs.clear();
        assertThat(proofs.newestFor(9)).isNull();
    }

    /** Against a list of all of them: never a proof that does not hold, and as long as few are there always the newest. */
    @Test
    void shouldFindTheNewestThatHolds() {
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            Proofs found = new Proofs();
            List<Proof> all = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Proof next = proof(random.nextInt(60), random.nextInt(30));
                found.add(next);
                all.add(next);
                for (long index = 0; index < 30; index++) {
                    Proof expected = newest(all, index);
                    Proof actual = found.newestFor(index);
                    assertThat(actual == null ? null : actual.begun())
                            .as("seed %d, index %d", seed, index)
                            .isEqualTo(expected == null ? null : expected.begun());
                    assertThat(actual == null || actual.index() <= index).isTrue();
                }
            }
        }
    }

    private static @Nullable Proof newest(List<Proof> all, long index) {
        return all.stream()
                .filter(proof -> proof.index() <= index)
                .max(Comparator.comparingLong(proof -> proof.begun().monotonicNanos()))
                .orElse(null);
    }

    @Test
    void shouldDropTheOldestBeyondItsBound() {
        for (int i = 0; i < 1000; i++) {
            proofs.add(proof(i, i));
        }
        assertThat(proofs.newestFor(999)).isEqualTo(proof(999, 999));
        assertThat(proofs.newestFor(950)).isEqualTo(proof(950, 950));
        assertThat(proofs.newestFor(100)).isNull();
    }
}
