// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.CharacterCodingException;
import org.junit.jupiter.api.Test;

class CodecTest {

    @Test
    void shouldKeepTextToTheLetter() throws Exception {
        for (String text : new String[] {"", "Ann", "\u00e4\u20ac\ud83d\ude00", "a\ufffdb", "?"}) {
            assertThat(Codec.string().decode(Codec.string().encode(text), "text/plain"))
                    .isEqualTo(text);
        }
        assertThat(Codec.json().contentType()).isEqualTo("application/json");
    }

    @Test
    void shouldRefuseTextThatUtf8CannotHoldAndBytesThatAreNoText() {
        assertThatThrownBy(() -> Codec.string().encode("\ud800")).isInstanceOf(CharacterCodingException.class);
        assertThatThrownBy(() -> Codec.string().decode(new byte[] {(byte) 0xff}, "text/plain"))
                .isInstanceOf(CharacterCodingException.class);
    }

    @Test
    void shouldNotBeTouchedByWhatTheCallerDoesWithItsBytesLater() throws Exception {
        byte[] bytes = {1, 2};
        byte[] encoded = Codec.bytes().encode(bytes);
        bytes[0] = 9;

        assertThat(encoded).containsExactly(1, 2);
    }
}
