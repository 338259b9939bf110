// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutputTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private Streams streams(boolean terminal) {
        return new Streams(
                new ByteArrayInputStream(new byte[0]), Streams.text(out), Streams.text(err), terminal, terminal);
    }

    private String document(OutputFormat format, Fields fields) throws Exception {
        Output output = new Output(streams(false), format);
        output.document(fields, () -> "text\n");
        output.flush();
        return out.toString(StandardCharsets.UTF_8);
    }

    private static Fields fields() {
        return Fields.of()
                .with("name", "Ann \u2603 \"<b>\"")
                .with("index", 9_007_199_254_740_993L)
                .withMillis("staleness_ms", Duration.ofNanos(1_500_000))
                .with(
                        "json",
                        JsonText.of("{\"n\": 12345678901234567890,\n \"x\": [null, 1.10, true]}")
                                .orElseThrow())
                .with("unknown", Optional.<Object>empty().orElse(null))
                .with("list", List.of(Map.of("a", 1)));
    }

    @Test
    void shouldWriteJsonWithAllItsDigits() throws Exception {
        assertThat(document(OutputFormat.JSON, fields()))
                .contains("\"name\": \"Ann \u2603 \\\"<b>\\\"\"")
                .contains("\"index\": 9007199254740993")
                .contains("\"staleness_ms\": 1.5")
                .contains("{\"n\": 12345678901234567890,  \"x\": [null, 1.10, true]}")
                .doesNotContain("unknown");
        assertThat(Json.line(fields().toMap())).doesNotContain("\n");
    }

    @Test
    void shouldWriteYaml() throws Exception {
        assertThat(document(OutputFormat.YAML, fields()))
                .contains("index: 9007199254740993")
                .contains("n: 12345678901234567890")
                .contains("- null")
                .contains("- 1.10")
                .contains("- a: 1");
    }

    @Test
    void shouldAlignColumns() {
        TextTable table = new TextTable("ID", "ROWS", "NOTE");
        table.add("n1", "5", "x");
        table.add("replica-1", "12345", "");

        assertThat(table.toString()).isEqualTo("""
                        ID          ROWS  NOTE
                        n1             5  x
                        replica-1  12345  -
                        """);
    }

    @Test
    void shouldNeverShowABoundSmallerThanItIs() {
        assertThat(Quantities.duration(Duration.ofNanos(1))).isEqualTo("1 ms");
        assertThat(Quantities.duration(Duration.ofMillis(250))).isEqualTo("250 ms");
        assertThat(Quantities.duration(Duration.ofMillis(10_001))).isEqualTo("11 s");
        assertThat(Quantities.duration(Duration.ofMinutes(90))).isEqualTo("90 min");
        assertThat(Quantities.duration(Duration.ofHours(20))).isEqualTo("20 h");
        assertThat(Quantities.bytes(1023)).isEqualTo("1023 B");
        assertThat(Quantities.bytes(1536)).isEqualTo("1.5 KiB");
    }

    @Test
    void shouldDrawABarOnATerminalOnly() throws Exception {
        Progress bar = new Progress(streams(true));
        while (err.size() == 0) {
            bar.say("copying", 50, 100, "rows");
        }
        bar.end();

        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("copying [###############...............]  50 %  50 of about 100 rows")
                .endsWith("\r\u001b[K");
        err.reset();

        Progress lines = new Progress(streams(false));
        while (err.size() == 0) {
            lines.say("copying", 1 << 20, 1 << 21, "bytes");
        }
        lines.end();
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("tidemark: copying: 1.0 MiB of about 2.0 MiB, 50 %, ")
                .endsWith(" a second\n");
    }

    @Test
    void shouldTakeStrictJsonForJsonOnly() {
        assertThat(JsonText.of("{\"a\": 1}")).isPresent();
        assertThat(JsonText.of("42")).isPresent();
        for (String text : List.of("", "{a: 1}", "{\"a\": 1} x", "[1,]", "nul", "'a'", "{\"a\": NaN}")) {
            assertThat(JsonText.of(text)).as(text).isEmpty();
        }
    }
}
