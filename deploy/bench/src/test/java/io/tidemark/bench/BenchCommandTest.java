// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Duration;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {

    private static final int WRONG_USAGE = 2;

    private final FakeServer server = FakeServer.start();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void shouldPrintATableAndTheProgress() {
        assertThat(execute("put", "--keys=10", "--warm-up=0s", "--duration=1500ms", "--outstanding=2"))
                .isZero();

        assertThat(out.toString()).contains("P99.9 ms").contains("put ").contains("errors: 0");
        assertThat(err.toString()).contains("1 s  measure");
        assertThat(server.puts())
                .allMatch(put -> put.getTable().equals("bench")
                        && put.getKey().length() == 16
                        && put.getValue().getBytes().size() == 256);
    }

    @Test
    void shouldPrintJson(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("result.json");

        assertThat(execute(
                        "mixed",
                        "--read-share=0.5",
                        "--preload",
                        "--keys=10",
                        "--channels=2",
                        "--distribution=zipf",
                        "--consistency=bounded",
                        "--max-staleness=250ms",
                        "--warm-up=0s",
                        "--duration=300ms",
                        "--server-pids=" + ProcessHandle.current().pid(),
                        "--output=json",
                        "--json-file=" + file))
                .isZero();

        JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
        assertThat(json.get("calls").getAsLong()).isPositive();
        assertThat(json.getAsJsonObject("latencies_ms").keySet()).containsExactly("put", "get");
        assertThat(json.has("server_cpu_seconds_per_100k")).isTrue();
        assertThat(json.getAsJsonObject("plan").get("distribution").getAsString())
                .isEqualTo("zipf");
        assertThat(JsonParser.parseString(Files.readString(file))).isEqualTo(json);
        assertThat(server.gets())
                .allMatch(get -> get.getReadOptions()
                        .getMaxStaleness()
                        .equals(Duration.newBuilder().setNanos(250_000_000).build()));
    }

    /** As every other command of {@code tidemark} is told whom to ask. */
    @Test
    void shouldTakeEndpointsAsOtherCommandsDo() {
        assertThat(commandLine().execute("put", "--endpoints=" + server.endpoint(), "--warm-up=0s", "--duration=200ms"))
                .isZero();
    }

    @Test
    void shouldFailWhenNothingWasAnswered() {
        server.beforePut(() -> {
            throw new IllegalStateException("broken");
        });

        assertThat(execute("put", "--warm-up=0s", "--duration=200ms")).isEqualTo(1);
        assertThat(out.toString()).contains("errors: ").contains("grpc UNKNOWN");
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        assertThat(execute("put", "--keys=100000", "--key-size=4")).isEqualTo(WRONG_USAGE);
        assertThat(err.toString()).contains("key size: 4 (expected: 5, to tell 100000 keys apart, to 1024)");
        assertThat(execute("put", "--duration=soon")).isEqualTo(WRONG_USAGE);
        assertThat(err.toString()).contains("'soon' (expected: a duration with its unit");
        assertThat(execute("get", "--channels=0")).isEqualTo(WRONG_USAGE);
    }

    @Test
    void shouldMeasureHowFarFollowersAreBehind() {
        try (FakeServer first = FakeServer.startFollower()) {
            server.replicateTo(first);

            List<String> arguments = new ArrayList<>(List.of(
                    "follower-delay",
                    "--endpoint=" + first.endpoint() + "," + server.endpoint(),
                    "--warm-up=100ms",
                    "--duration=300ms"));
            assertThat(commandLine().execute(arguments.toArray(String[]::new))).isZero();
            arguments.add("--rate=100");
            assertThat(commandLine().execute(arguments.toArray(String[]::new))).isZero();
        }

        assertThat(out.toString())
                .contains("delay at the first follower")
                .containsPattern("delay at the last follower +(29|30|31) ")
                .doesNotContain("did not arrive");
    }

    private int execute(String command, String... options) {
        List<String> arguments = new ArrayList<>(List.of(command, "--endpoint=" + server.endpoint()));
        arguments.addAll(List.of(options));
        return commandLine().execute(arguments.toArray(String[]::new));
    }

    private CommandLine commandLine() {
        return Bench.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err, true));
    }
}
