// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XxHash64Test {

    private static final long SEED = 0x9E3779B97F4A7C15L;

    /** Seed 0 by the reference implementation; the other seed by one that was checked against it. */
    @ParameterizedTest
    @CsvSource({
        "0, ef46db3751d8e999, c4349fc93c010000",
        "1, 1f25c8d0bc1f4bb6, 79826bcd749d267a",
        "5, c7608efddb7051fe, a677b535c22b67a5",
        "31, a2aa5f33cc4a6119, 755437271d1d0a84",
        "32, 23c3c17ef790fd97, bf624b932c090428",
        "33, 50a7cfc7ba588784, 7aceaf1e9d34ea35",
        "100, a61f8d4c170fe531, f6d8f65c625abb4f"
    })
    void shouldAgreeWithTheReferenceForEveryPathThroughIt(int length, String unseeded, String seeded) {
        int offset = 3;
        byte[] input = new byte[offset + length + 2];
        for (int i = 0; i < length; i++) {
            input[offset + i] = (byte) (i * 7 + 3);
        }

        assertThat(String.format("%016x", XxHash64.hash(input, offset, length, 0)))
                .isEqualTo(unseeded);
        assertThat(String.format("%016x", XxHash64.hash(input, offset, length, SEED)))
                .isEqualTo(seeded);
    }
}
