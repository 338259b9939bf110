// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SamplesTest {

    @Test
    void shouldTakeTheMiddle() {
        assertThat(of(5, 1, 3).median()).isEqualTo(3);
        assertThat(of(4, 1, 2, 100).median()).isEqualTo(3);
        assertThat(of(4, 1, 2).lowest()).isEqualTo(1);
        assertThat(of(4, 1, 2).highest()).isEqualTo(4);
    }

    @Test
    void shouldCompareRoundByRound() {
        // The second round was disturbed, and both sides with it.
        Samples ratios = of(20, 2, 22).by(of(10, 1, 10));

        assertThat(ratios.median()).isEqualTo(2);
        assertThat(ratios.highest()).isEqualTo(2.2);
    }

    @Test
    void shouldRefuseToCompareUnequalRounds() {
        assertThatThrownBy(() -> of(1, 2).by(of(1))).hasMessageContaining("rounds: 2 by 1");
        assertThatThrownBy(() -> of().median()).hasMessageContaining("nothing was measured");
    }

    private static Samples of(double... values) {
        Samples samples = new Samples();
        for (double value : values) {
            samples.add(value);
        }
        return samples;
    }
}
