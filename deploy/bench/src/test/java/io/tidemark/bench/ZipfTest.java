// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZipfTest {

    @Test
    void shouldChooseRanksAsOftenAsTheirShare() {
        int keys = 1000;
        Zipf zipf = new Zipf(keys);
        SplittableRandom random = new SplittableRandom(7);
        int draws = 1_000_000;
        int[] counts = new int[keys];
        for (int i = 0; i < draws; i++) {
            counts[(int) zipf.rank(random.nextDouble())]++;
        }

        double all = 0;
        for (int k = 1; k <= keys; k++) {
            all += Math.pow(k, -Zipf.THETA);
        }
        // The first two are exact, the rest an approximation.
        assertThat(counts[0] / (double) draws).isCloseTo(1 / all, within(0.002));
        assertThat(counts[1] / (double) draws).isCloseTo(Math.pow(2, -Zipf.THETA) / all, within(0.002));
        assertThat(counts[9] / (double) draws).isCloseTo(Math.pow(10, -Zipf.THETA) / all, within(0.004));
        assertThat(counts[keys - 1]).isPositive();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 100_000})
    void shouldStayAmongItsKeys(long keys) {
        Zipf zipf = new Zipf(keys);

        assertThat(LongStream.generate(zipf::next).limit(10_000)).allMatch(key -> key >= 0 && key < keys);
        assertThat(zipf.rank(Math.nextDown(1.0))).isLessThan(keys);
    }
}
