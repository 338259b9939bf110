// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.client.Consistency;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.TypeConversionException;

class ConsistencyConverterTest {

    private static final String TOKEN = "tm1.0123456789abcdef.42";

    private static Consistency read(String text) {
        return new ConsistencyConverter().convert(text);
    }

    @Test
    void shouldReadEveryAsk() {
        assertThat(read("linearizable")).isEqualTo(Consistency.linearizable());
        assertThat(read("eventual")).isEqualTo(Consistency.eventual());
        assertThat(read("session")).isEqualTo(Consistency.session());
        assertThat(read("session:" + TOKEN)).isEqualTo(Consistency.atLeast(TOKEN));
        assertThat(read("bounded:250ms")).isEqualTo(Consistency.maxStaleness(Duration.ofMillis(250)));
        assertThat(read("lag:10")).isEqualTo(Consistency.maxLag(10));
        assertThat(read("index:4711")).isEqualTo(Consistency.asOf(4711));
        assertThat(read("time:2026-11-22T08:30:00Z"))
                .isEqualTo(Consistency.asOf(Instant.parse("2026-11-22T08:30:00Z")));
    }

    @Test
    void shouldCombineWhatCanHoldTogether() {
        assertThat(read("bounded:1s,lag:5"))
                .isEqualTo(Consistency.maxStaleness(Duration.ofSeconds(1)).maxLag(5));
        assertThat(read("bounded:1s,eventual")).isEqualTo(Consistency.eventual().maxStaleness(Duration.ofSeconds(1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "bonded:250ms | 'bonded:250ms' (expected: linearizable, ",
                "bounded | 'bounded' (expected: bounded:DURATION, such as bounded:250ms)",
                "bounded:250 | 'bounded:250' (expected: bounded:DURATION, such as bounded:250ms)",
                "lag:1,bounded:x | 'bounded:x' in 'lag:1,bounded:x' (expected: bounded:DURATION",
                "index: | 'index:' (expected: index:NUMBER, such as index:42)",
                "index:-1 | 'index:-1' (expected: index:NUMBER",
                "lag:many | 'lag:many' (expected: lag:NUMBER",
                "time:yesterday | 'time:yesterday' (expected: time:INSTANT, such as time:2026",
                "session:abc | 'session:abc' (expected: session:TOKEN, as an answer gave it)",
                "linearizable,lag:1 | 'linearizable,lag:1': linearizable stands alone",
                "linearizable:yes | 'linearizable:yes' (expected: linearizable)",
                "eventual:yes | 'eventual:yes'",
                "bounded:1s, | 'bounded:1s,' (expected: linearizable"
            })
    void shouldSayWhatItExpected(String text, String message) {
        assertThatThrownBy(() -> read(text.strip()))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining(
                        message.strip().replace("time:INSTANT, such as time:2026", "time:INSTANT, such as time:2026"));
    }
}
