// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.client.Consistency;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.TidemarkException;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.ValueForm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code tidemark dev} and the failures that it gives, as a user gives them. */
@Timeout(300)
class DevIT {

    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path directory = Path.of("replaced by JUnit");

    private final List<ProcessHandle> started = new ArrayList<>();

    /** What a command came to. */
    private record Said(int exitCode, String text) {}

    @AfterEach
    void leaveNothingBehind() throws Exception {
        if (Files.exists(data().resolve("cluster.json"))) {
            started.addAll(processes());
            Said unused = tidemark("dev", "stop");
        }
        started.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void shouldGiveAClusterFailuresThatItSurvives() throws Exception {
        Said start = tidemark("dev", "--detach", "--nodes=3", "--replicas=1");
        assertThat(start.exitCode()).as(start.text()).isZero();
        assertThat(start.text()).contains("5 servers ready.", "dev stop", "curl -i -X PUT http://127.0.0.1:");
        started.addAll(processes());
        assertThat(started).hasSize(6).allMatch(ProcessHandle::isAlive);
        assertThat(soon(this::leader)).startsWith("n");

        try (TidemarkClient client = TidemarkClient.connect(String.join(",", clients()))) {
            Table<String> table = client.table("users");
            soon(() -> table.put("ann", "Ann"));
            killTheLeaderAndBringItBack(table);
            cutTheLeaderOff(table);
        }
        letTheReplicaGetStale();
        pauseTheReplica();

        Said stop = tidemark("dev", "stop");
        assertThat(stop.exitCode()).as(stop.text()).isZero();
        assertThat(started).noneMatch(ProcessHandle::isAlive);
        assertThat(data().resolve("cluster.json")).doesNotExist();
        assertThat(data().resolve("control")).doesNotExist();
        assertThat(tidemark("dev", "status").exitCode()).isEqualTo(1);
    }

    private void killTheLeaderAndBringItBack(Table<String> table) throws Exception {
        String leader = soon(this::leader);
        long pid = server(leader).get("pid").getAsLong();

        assertThat(tidemark("dev", "kill", "leader").text()).contains(leader + " (process " + pid + ") is killed");

        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        soon(() -> table.put("ann", "Ann, without " + leader));
        assertThat(server(leader).get("state").getAsString()).isEqualTo("ended");
        assertThat(tidemark("dev", "kill", leader).exitCode()).isEqualTo(2);
        Said again = tidemark("dev", "start", leader);
        assertThat(again.text()).contains(leader + " (process ").contains("is ready");
        assertThat(server(leader).get("pid").getAsLong()).isNotEqualTo(pid);
        started.addAll(processes());
    }

    private void cutTheLeaderOff(Table<String> table) throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "servers can be cut off on Linux only");
        String leader = soon(this::leader);

        assertThat(tidemark("dev", "partition", "leader").text()).contains(leader + " (process ", "is cut off");

        assertThat(server(leader).get("partitioned").getAsBoolean()).isTrue();
        // The cut one goes on answering clients, but cannot lead any more.
        soon(() -> table.put("ann", "Ann, beside " + leader));
        // The cut one may believe for a moment longer that it leads.
        soon(() -> requireOther(leader, leader()));
        assertThat(get(leader, Strength.STRENGTH_EVENTUAL).getRow().getValue().getText())
                .contains("Ann")
                .doesNotContain("beside");
        assertThat(tidemark("dev", "heal", leader).exitCode()).isZero();
        GetResponse healed = soon(() -> get(leader, Strength.STRENGTH_LINEARIZABLE));
        assertThat(healed.getRow().getValue().getText()).contains("beside");
    }

    private void letTheReplicaGetStale() throws Exception {
        Said cut = tidemark("dev", "partition", "r1");
        assertThat(cut.exitCode()).as(cut.text()).isZero();

        soon(() -> requireMoreThan(Duration.ofSeconds(2), staleness("r1")));

        assertThat(tidemark("dev", "heal", "r1").exitCode()).isZero();
        soon(() -> requireLessThan(Duration.ofSeconds(2), staleness("r1")));
        assertThat(tidemark("dev", "heal", "r1").exitCode()).isEqualTo(2);
    }

    private void pauseTheReplica() throws Exception {
        assertThat(tidemark("dev", "pause", "r1").exitCode()).isZero();
        assertThat(tidemark("dev", "status").text()).containsPattern("replica +r1 .* paused");
        assertThat(tidemark("dev", "resume", "r1").exitCode()).isZero();
        soon(() -> requireLessThan(Duration.ofSeconds(2), staleness("r1")));
        // A server that stands still is stopped, too.
        assertThat(tidemark("dev", "pause", "r1").exitCode()).isZero();
    }

    @Test
    void shouldFindWhatAKilledSupervisorLeftAndLeaveStrangersAlone() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "600").start();
        started.add(stranger.toHandle());
        Files.createDirectories(data());
        Files.writeString(data().resolve("cluster.json"), staleFile(stranger.pid()));
        try (ServerSocket taken = take(7400)) {
            assertThat(taken.isBound()).isTrue();
            Said start = tidemark("dev", "--detach", "--nodes=1", "--replicas=1");
            assertThat(start.exitCode()).as(start.text()).isZero();
        }
        assertThat(clients().get(0)).isNotEqualTo("127.0.0.1:7400");
        started.addAll(processes());

        long supervisor = content().getAsJsonObject("supervisor").get("pid").getAsLong();
        ProcessHandle.of(supervisor).ifPresent(ProcessHandle::destroyForcibly);
        soon(() -> {
            if (ProcessHandle.of(supervisor).filter(ProcessHandle::isAlive).isPresent()) {
                throw new IllegalStateException("the supervisor runs");
            }
            return supervisor;
        });

        Said second = tidemark("dev", "--nodes=1", "--replicas=1");
        assertThat(second.exitCode()).isEqualTo(2);
        assertThat(second.text()).contains("still run in " + data() + ": n1, r1, s1", "dev stop");
        assertThat(tidemark("dev", "stop").text()).contains("stopped n1, r1, s1, whose supervisor had been killed");
        assertThat(started).filteredOn(ProcessHandle::isAlive).containsExactly(stranger.toHandle());
        assertThat(data().resolve("cluster.json")).doesNotExist();
    }

    @Test
    void shouldRunAWholeClusterInOneSmallProcess() throws Exception {
        Said start = tidemark("dev", "--detach", "--single-process", "--ephemeral");
        assertThat(start.exitCode()).as(start.text()).isZero();
        assertThat(start.text()).contains("7 servers ready.", "curl -i -X PUT http://127.0.0.1:");
        started.addAll(processes());

        try (TidemarkClient client = TidemarkClient.connect(String.join(",", clients()))) {
            Table<String> table = client.table("users");
            // As many as filled the heap when each server kept what it may keep where it is alone.
            for (int i = 0; i < 200; i++) {
                String prefix = "k" + i + "-";
                soon(() -> putHundred(table, prefix));
            }
            assertThat(table.get("k1-1", Consistency.maxStaleness(Duration.ofSeconds(10)))
                            .value())
                    .isPresent();
        }

        assertThat(started)
                .extracting(ProcessHandle::pid)
                .containsOnly(started.get(0).pid());
        if (System.getProperty("os.name").equals("Linux")) {
            assertThat(ownMegabytes(started.get(0).pid())).isLessThan(512);
        }
        Said kill = tidemark("dev", "kill", "n1");
        assertThat(kill.exitCode()).isEqualTo(2);
        assertThat(kill.text()).contains("all servers of this cluster are one process");
        assertThat(tidemark("dev", "stop").exitCode()).isZero();
        assertThat(started).noneMatch(ProcessHandle::isAlive);
        assertThat(data()).doesNotExist();
    }

    private static int putHundred(Table<String> table, String prefix) {
        try {
            CompletableFuture.allOf(IntStream.range(0, 100)
                            .mapToObj(i -> table.async().put(prefix + i, "x".repeat(1_000)))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
            return 100;
        } catch (CompletionException e) {
            throw new IllegalStateException(prefix + " is not written", e);
        }
    }

    /** Without the files that are mapped: the kernel takes their pages back when it needs to. */
    private static long ownMegabytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                        .filter(line -> line.startsWith("RssAnon:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                        .sum()
                / 1024;
    }

    private static String staleFile(long pid) {
        String longAgo = Instant.now().minus(Duration.ofDays(1)).toString();
        return "{\"ready\": true, \"control\": \"/nowhere\", \"supervisor\": {\"pid\": " + pid + ", \"started\": \""
                + longAgo + "\"}, \"servers\": [{\"role\": \"node\", \"id\": \"n1\", \"pid\": " + pid
                + ", \"started\": \"" + longAgo + "\", \"state\": \"running\", \"log\": \"/nowhere\"}]}";
    }

    /** Somebody listens there; who, does not matter. */
    private static ServerSocket take(int port) throws IOException {
        try {
            return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        } catch (java.net.BindException taken) {
            return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        }
    }

    private Duration staleness(String id) throws IOException {
        ResponseHeader header = get(id, Strength.STRENGTH_EVENTUAL).getHeader();
        assertThat(header.getServedBy()).isEqualTo(id);
        com.google.protobuf.Duration staleness = header.getStaleness();
        return header.hasStaleness()
                ? Duration.ofSeconds(staleness.getSeconds(), staleness.getNanos())
                : Duration.ofDays(1);
    }

    /** Of this server and no other. */
    private GetResponse get(String id, Strength strength) throws IOException {
        ManagedChannel channel = NettyChannelBuilder.forTarget(
                        server(id).get("client").getAsString())
                .usePlaintext()
                .build();
        try {
            return KeyValueGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(10, TimeUnit.SECONDS)
                    .get(GetRequest.newBuilder()
                            .setTable("users")
                            .setKey("ann")
                            .setReadOptions(ReadOptions.newBuilder().setStrength(strength))
                            .setValueForm(ValueForm.VALUE_FORM_TEXT)
                            .build());
        } finally {
            ManagedChannel unused = channel.shutdownNow();
        }
    }

    private static Duration requireMoreThan(Duration bound, Duration actual) {
        if (actual.compareTo(bound) <= 0) {
            throw new IllegalStateException(actual + " (expected: more than " + bound + ")");
        }
        return actual;
    }

    private static Duration requireLessThan(Duration bound, Duration actual) {
        if (actual.compareTo(bound) >= 0) {
            throw new IllegalStateException(actual + " (expected: less than " + bound + ")");
        }
        return actual;
    }

    private String leader() throws Exception {
        String status = tidemark("dev", "status").text();
        return status.lines()
                .filter(line -> line.endsWith("leads"))
                .map(line -> line.split(" +", -1)[1])
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("nobody leads:\n" + status));
    }

    /** Until it no longer fails. */
    private static String requireOther(String before, String now) {
        if (now.equals(before)) {
            throw new IllegalStateException(before + " still says that it leads");
        }
        return now;
    }

    private static <T> T soon(Callable<T> what) throws Exception {
        long begin = System.nanoTime();
        while (true) {
            try {
                return what.call();
            } catch (TidemarkException | StatusRuntimeException | IllegalStateException e) {
                if (System.nanoTime() - begin > SOON.toNanos()) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    private Path data() {
        return directory.resolve("dev");
    }

    private JsonObject content() throws IOException {
        return JsonParser.parseString(Files.readString(data().resolve("cluster.json")))
                .getAsJsonObject();
    }

    private List<JsonObject> servers() throws IOException {
        return StreamSupport.stream(content().getAsJsonArray("servers").spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    private JsonObject server(String id) throws IOException {
        return servers().stream()
                .filter(server -> server.get("id").getAsString().equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** Of nodes and replicas; the sidecar serves HTTP alone. */
    private List<String> clients() throws IOException {
        return servers().stream()
                .filter(server -> server.has("client"))
                .map(server -> server.get("client").getAsString())
                .toList();
    }

    /** The supervisor and its servers, as far as they run. */
    private List<ProcessHandle> processes() throws IOException {
        List<Long> pids = new ArrayList<>();
        pids.add(content().getAsJsonObject("supervisor").get("pid").getAsLong());
        servers().forEach(server -> pids.add(server.get("pid").getAsLong()));
        return pids.stream()
                .map(ProcessHandle::of)
                .flatMap(found -> found.stream())
                .toList();
    }

    private Said tidemark(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.tidemark.launcher.Tidemark"));
        command.addAll(List.of(arguments));
        command.add("--data-dir=" + data());
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), text);
    }
}
