// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.digest;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DigestTest {

    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(128);

    @Test
    void shouldAddAndSubtractModuloTwoToThe128() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            Digest a = random(random);
            Digest b = random(random);

            assertThat(number(a.plus(b))).isEqualTo(number(a).add(number(b)).mod(MODULUS));
            assertThat(number(a.minus(b)))
                    .isEqualTo(number(a).subtract(number(b)).mod(MODULUS));
            assertThat(a.plus(b).minus(b)).isEqualTo(a);
        }
    }

    @Test
    void shouldCarryAtTheEdges() {
        Digest most = new Digest(-1, -1, 1);
        Digest one = new Digest(0, 1, 1);

        assertThat(most.plus(one)).isEqualTo(new Digest(0, 0, 2));
        assertThat(new Digest(0, 0, 2).minus(one)).isEqualTo(most);
    }

    /** Edges more often than chance would have them. */
    private static Digest random(Random random) {
        long[] edges = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE};
        long high = random.nextInt(4) == 0 ? edges[random.nextInt(edges.length)] : random.nextLong();
        long low = random.nextInt(4) == 0 ? edges[random.nextInt(edges.length)] : random.nextLong();
        return new Digest(high, low, random.nextInt(100));
    }

    private static BigInteger number(Digest digest) {
        return new BigInteger(1, digest.toBytes().toByteArray());
    }
}
