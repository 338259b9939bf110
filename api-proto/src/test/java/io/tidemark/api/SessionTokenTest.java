// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SessionTokenTest {

    private static final HistoryId HISTORY = new HistoryId("0123456789abcdef");

    static List<Map<String, Object>> validTokens() {
        return TestVectors.list("session-token.json", "valid");
    }

    static List<String> invalidTokens() {
        return TestVectors.list("session-token.json", "invalid");
    }

    @ParameterizedTest
    @MethodSource("validTokens")
    void shouldReadWhatItWrites(Map<String, Object> vector) {
        SessionToken token = SessionToken.parse(TestVectors.text(vector, "token"));

        assertThat(token.history().text()).isEqualTo(TestVectors.text(vector, "history"));
        assertThat(token.index()).isEqualTo(TestVectors.number(vector, "index"));
        assertThat(token.text()).isEqualTo(TestVectors.text(vector, "token"));
    }

    @ParameterizedTest
    @MethodSource("invalidTokens")
    void shouldRefuseWhatIsNoToken(String text) {
        assertThatThrownBy(() -> SessionToken.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("session token: '");
    }

    @Test
    void shouldNotRepeatALongInputInItsMessage() {
        assertThatThrownBy(() -> SessionToken.parse("x".repeat(100_000)))
                .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
                .hasSizeLessThan(300);
    }

    @Test
    void shouldCoverBothWhenMerged() {
        SessionToken older = new SessionToken(HISTORY, 7);
        SessionToken newer = new SessionToken(HISTORY, 9);

        assertThat(older.merge(newer)).isEqualTo(newer);
        assertThat(newer.merge(older)).isEqualTo(newer);
    }

    @Test
    void shouldNotMergeAcrossHistories() {
        SessionToken here = new SessionToken(HISTORY, 7);
        SessionToken there = new SessionToken(new HistoryId("zzzzzzzzzzzzzzzz"), 9);

        assertThatThrownBy(() -> here.merge(there)).hasMessageContaining("different histories");
    }

    @Test
    void shouldRefuseANegativeIndex() {
        assertThatThrownBy(() -> new SessionToken(HISTORY, -1)).hasMessageContaining("-1");
    }
}
