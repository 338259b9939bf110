// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {

    private static final Option<String> ID =
            Option.required("id", ValueType.text(Pattern.compile("[a-z0-9]+"), "letters and digits"), "Who it is.");
    private static final Option<Integer> PORT =
            Option.withDefault("client.port", ValueType.port(), "7400", "Where it listens.");
    private static final Option<Duration> GRACE = Option.withDefault(
            "stop.grace", ValueType.duration(Duration.ZERO, Duration.ofMinutes(5)), "10s", "How long it drains.");
    private static final Option<Long> SIZE =
            Option.withDefault("client.max-bytes", ValueType.size(1, 1 << 20), "64KiB", "How much it takes.");
    private static final List<Option<?>> OPTIONS = List.of(ID, PORT, GRACE, SIZE);

    @TempDir
    Path directory = Path.of("replaced by JUnit");

    @Test
    void shouldOverrideInTheOrderDefaultFileEnvironmentFlag() throws IOException {
        Path file = file("id: fromfile\nclient:\n  port: 1\nstop.grace: 1s\n");

        Configuration configuration = Configuration.load(
                OPTIONS,
                Optional.of(file),
                Map.of("TIDEMARK_CLIENT_PORT", "2", "TIDEMARK_ID", "fromenvironment", "PATH", "/bin"),
                List.of("--id=fromflag"));

        assertThat(configuration.get(ID)).isEqualTo("fromflag");
        assertThat(configuration.get(PORT)).isEqualTo(2);
        assertThat(configuration.get(GRACE)).isEqualTo(Duration.ofSeconds(1));
        assertThat(configuration.get(SIZE)).isEqualTo(64 << 10);
    }

    @Test
    void shouldPrintAFileThatLoadsToTheSameValues() throws IOException {
        Configuration first =
                Configuration.load(OPTIONS, Optional.empty(), Map.of(), List.of("--id=n1", "--stop.grace=250ms"));

        Configuration again = Configuration.load(OPTIONS, Optional.of(file(first.toYaml())), Map.of(), List.of());

        assertThat(first.toYaml().lines()).contains("id: 'n1'  # flag", "client.port: '7400'  # default");
        OPTIONS.forEach(option -> assertThat(again.<Object>get(cast(option))).isEqualTo(first.get(cast(option))));
    }

    @Test
    void shouldReportEverythingThatIsWrongAtOnceAndWhere() throws IOException {
        Path file = file("client:\n  prot: 1\nstop.grace: soon\n");

        ConfigurationException failure = catchThrowableOfType(
                ConfigurationException.class,
                () -> Configuration.load(
                        OPTIONS,
                        Optional.of(file),
                        Map.of("TIDEMARK_CLIENT_PROT", "1"),
                        List.of("--client.port=70000", "--nonsense-entirely=1", "stray")));

        assertThat(failure.problems())
                .containsExactlyInAnyOrder(
                        "server.yaml:2: unknown option 'client.prot' (did you mean client.port?)",
                        "environment: unknown option 'TIDEMARK_CLIENT_PROT' (did you mean TIDEMARK_CLIENT_PORT?)",
                        "flag: unknown option 'nonsense-entirely' (known are: client.max-bytes, client.port, id, stop.grace)",
                        "flag: 'stray' (expected: --name=value)",
                        "flag: client.port: '70000' (expected: a port, 0 to 65535 (0: any free one))",
                        "server.yaml:3: stop.grace: 'soon' (expected: a duration with its unit (ms, s, m, h, d), 0s to 300s)",
                        "id: missing (expected: letters and digits; give it in the file, as TIDEMARK_ID or as --id=)");
    }

    @Test
    void shouldSeeASlipInAShortName() {
        ConfigurationException failure = catchThrowableOfType(
                ConfigurationException.class,
                () -> Configuration.load(OPTIONS, Optional.empty(), Map.of(), List.of("--idd=n1")));

        assertThat(failure.problems()).contains("flag: unknown option 'idd' (did you mean id?)");
    }

    @Test
    void shouldLeaveTheLaunchersEnvironmentAlone() {
        Configuration configuration = Configuration.load(
                OPTIONS,
                Optional.empty(),
                Map.of("TIDEMARK_JAVA_OPTS", "-Xmx1g", "TIDEMARK_ENDPOINTS", "127.0.0.1:7400"),
                List.of("--id=n1"));

        assertThat(configuration.get(ID)).isEqualTo("n1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"- a\n- b\n", "id: [1, 2]\n", "id: {a: \n", "just text", "? [a]\n: 1\n"})
    void shouldRefuseAFileThatIsNoSetOfOptions(String text) throws IOException {
        Path file = file(text);

        assertThatThrownBy(() -> Configuration.load(OPTIONS, Optional.of(file), Map.of(), List.of("--id=n1")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("server.yaml");
    }

    @Test
    void shouldRefuseTwoValuesForOneName() throws IOException {
        Path file = file("id: a\nclient: {port: 1}\nclient.port: 2\nid: b\n");

        assertThatThrownBy(() -> Configuration.load(OPTIONS, Optional.of(file), Map.of(), List.of()))
                .hasMessageContaining("server.yaml:3: client.port is given twice, first at server.yaml:2")
                .hasMessageContaining("server.yaml:4: id is given twice, first at server.yaml:1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"id:\n", "id: ~\n", "id: null\n"})
    void shouldNotTakeNothingForText(String text) throws IOException {
        Path file = file(text);

        assertThatThrownBy(() -> Configuration.load(OPTIONS, Optional.of(file), Map.of(), List.of()))
                .hasMessageContaining("server.yaml:1: one value for id expected here");
    }

    @Test
    void shouldRefuseAFileThatContainsItself() throws IOException {
        Path file = file("a: &a\n  b: *a\n");

        assertThatThrownBy(() -> Configuration.load(OPTIONS, Optional.of(file), Map.of(), List.of("--id=n1")))
                .hasMessageContaining("nested too deeply");
    }

    @Test
    void shouldNotSuggestAnotherWord() {
        assertThatThrownBy(() -> load("--zone=a"))
                .hasMessageContaining("unknown option 'zone' (known are: client.max-bytes,");
    }

    @Test
    void shouldSayThatAFileIsMissing() {
        assertThatThrownBy(() -> Configuration.load(
                        OPTIONS, Optional.of(directory.resolve("none.yaml")), Map.of(), List.of("--id=n1")))
                .hasMessageContaining("none.yaml: no such file");
    }

    @ParameterizedTest
    @CsvSource({"250ms,250", "10s,10000", "5m,300000", "0ms,0"})
    void shouldReadDurations(String text, long millis) {
        assertThat(load("--stop.grace=" + text).get(GRACE)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10", "-1s", "6m", "1.5s", "s", "", "99999999999999999999s", "999999999999999d"})
    void shouldRefuseWhatIsNoDurationInRange(String text) {
        assertThatThrownBy(() -> load("--stop.grace=" + text)).hasMessageContaining("expected: a duration");
    }

    @ParameterizedTest
    @CsvSource({"1,1", "100B,100", "4KiB,4096", "1MiB,1048576"})
    void shouldReadSizes(String text, long bytes) {
        assertThat(load("--client.max-bytes=" + text).get(SIZE)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "2MiB", "4KB", "-1", "1e3"})
    void shouldRefuseWhatIsNoSizeInRange(String text) {
        assertThatThrownBy(() -> load("--client.max-bytes=" + text)).hasMessageContaining("expected: a size");
    }

    @Test
    void shouldReadListsAsTheyAreWritten() throws IOException {
        Option<List<Integer>> list = Option.withDefault("ports", ValueType.list(ValueType.port()), "", "");
        Path file = file("ports:\n- 1\n- 2\n");

        assertThat(Configuration.load(List.of(list), Optional.of(file), Map.of(), List.of())
                        .get(list))
                .containsExactly(1, 2);
        assertThat(Configuration.load(List.of(list), Optional.empty(), Map.of(), List.of("--ports=3, 4"))
                        .get(list))
                .containsExactly(3, 4);
        assertThat(Configuration.load(List.of(list), Optional.empty(), Map.of(), List.of())
                        .get(list))
                .isEmpty();
        assertThatThrownBy(() -> Configuration.load(List.of(list), Optional.empty(), Map.of(), List.of("--ports=3,x")))
                .hasMessageContaining("flag: ports: '3,x' (expected: a list, each a port");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ports: [1, [2]]\n", "ports: ['1,2']\n", "ports: [{a: 1}]\n"})
    void shouldRefuseAListOfAnythingButValues(String text) throws IOException {
        Option<List<Integer>> list = Option.withDefault("ports", ValueType.list(ValueType.port()), "", "");
        Path file = file(text);

        assertThatThrownBy(() -> Configuration.load(List.of(list), Optional.of(file), Map.of(), List.of()))
                .hasMessageContaining("server.yaml:1: one value without commas expected here, in the list ports");
    }

    @Test
    void shouldReadWhatIsOneOfSome() {
        assertThat(ValueType.oneOf(Thread.State.class).parse("timed-waiting")).isEqualTo(Thread.State.TIMED_WAITING);
        assertThat(ValueType.bool().parse("true")).isTrue();
        assertThatThrownBy(() -> ValueType.bool().parse("yes")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ValueType.integer(1, 3).parse("4")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldRefuseAnOptionWhoseDefaultIsNotAsExpected() {
        assertThatThrownBy(() -> Option.withDefault("p", ValueType.port(), "x", ""))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Configuration load(String flag) {
        return Configuration.load(OPTIONS, Optional.empty(), Map.of(), List.of("--id=n1", flag));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("server.yaml"), text);
    }

    @SuppressWarnings("unchecked")
    private static Option<Object> cast(Option<?> option) {
        return (Option<Object>) option;
    }
}
