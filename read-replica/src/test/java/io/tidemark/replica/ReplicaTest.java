// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.Alarm;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.TooStale;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WhenUnmet;
import io.tidemark.replica.feed.core.FakeNode;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.process.StartException;
import io.tidemark.server.read.WrongRow;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole replica over real connections and a real disk, fed by a node that is not one. */
@Timeout(120)
class ReplicaTest {

    @TempDir
    Path directory = Path.of("unset");

    private final List<AutoCloseable> open = new ArrayList<>();
    private FakeNode node = unset();
    private int nodePort;

    @SuppressWarnings("NullAway") // set before each test
    private static FakeNode unset() {
        return null;
    }

    @BeforeEach
    void begin() throws IOException {
        node = new FakeNode(directory.resolve("node"), 0);
        nodePort = node.port();
        for (int i = 0; i < 20; i++) {
            node.put("k" + i, "v" + i);
        }
    }

    @AfterEach
    void end() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        node.close();
    }

    private Replica start(String... flags) {
        List<String> all = new ArrayList<>(List.of(
                "--id=r1",
                "--data-dir=" + directory.resolve("r1"),
                "--client.port=0",
                "--internal.port=0",
                "--http.port=0",
                "--stop.grace=1s",
                "--cluster.nodes=n1@127.0.0.1:1/" + nodePort + "/1"));
        all.addAll(List.of(flags));
        if (all.stream().noneMatch(flag -> flag.startsWith("--replica.shards="))) {
            all.add("--replica.shards=all");
        }
        Replica replica = Replica.start(
                ReplicaConfig.from(Configuration.load(ReplicaConfig.OPTIONS, Optional.empty(), Map.of(), all)));
        open.add(replica);
        return replica;
    }

    private Properties ports() {
        Path file = directory.resolve("r1").resolve("ports");
        await(() -> Files.exists(file));
        Properties ports = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            ports.load(reader);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return ports;
    }

    private static void await(BooleanSupplier holds) {
        for (int i = 0; i < 6000 && !holds.getAsBoolean(); i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        assertThat(holds.getAsBoolean()).isTrue();
    }

    private ManagedChannel channel() {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", Integer.parseInt(ports().getProperty("client")))
                .usePlaintext()
                .build();
        open.add(channel::shutdownNow);
        return channel;
    }

    private KeyValueGrpc.KeyValueBlockingStub keyValue() {
        return KeyValueGrpc.newBlockingStub(channel()).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private static GetRequest get(String key, ReadOptions.Builder options) {
        return GetRequest.newBuilder()
                .setTable("t")
                .setKey(key)
                .setReadOptions(options)
                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                .build();
    }

    private static ReadOptions.Builder strength(Strength strength) {
        return ReadOptions.newBuilder().setStrength(strength);
    }

    private static String text(GetResponse answer) {
        return answer.getRow().getValue().getBytes().toStringUtf8();
    }

    @Test
    void shouldAnswerReadsWithEveryAsk() {
        start();
        KeyValueGrpc.KeyValueBlockingStub client = keyValue();
        node.put("k1", "newer");

        GetResponse newest = client.get(get("k1", strength(Strength.STRENGTH_LINEARIZABLE)));
        assertThat(text(newest)).isEqualTo("newer");
        assertThat(newest.getHeader().getServedBy()).isEqualTo("r1");
        assertThat(newest.getHeader().getReadIndex()).isEqualTo(21);
        assertThat(newest.getHeader().hasStaleness()).isTrue();
        assertThat(newest.getHeader().getTerm()).isEqualTo(3);

        assertThat(text(client.get(get("k1", strength(Strength.STRENGTH_EVENTUAL)))))
                .isEqualTo("newer");
        GetResponse bounded =
                client.get(get("k2", ReadOptions.newBuilder().setMaxStaleness(Durations.fromMillis(400))));
        assertThat(Durations.toMillis(bounded.getHeader().getStaleness())).isLessThanOrEqualTo(400);
        assertThat(text(client.get(get("k2", ReadOptions.newBuilder().setMaxLag(3)))))
                .isEqualTo("v2");

        node.put("k3", "later");
        assertThat(text(client.get(get("k3", ReadOptions.newBuilder().setMinIndex(22)))))
                .isEqualTo("later");
        assertThat(text(client.get(get("k1", ReadOptions.newBuilder().setAsOfIndex(21)))))
                .isEqualTo("newer");
        // A node resolves it, here to an index below what this replica keeps: then a node answers.
        GetResponse asOfTime = client.get(get(
                "k1",
                ReadOptions.newBuilder().setAsOfTime(Timestamp.newBuilder().setSeconds(1001))));
        assertThat(asOfTime.getHeader().getServedBy()).isEqualTo("n1");
        assertThat(client.scan(ScanRequest.newBuilder().setTable("t").build()).getRowsList())
                .hasSize(20);
    }

    @Test
    void shouldSayWhatIsHereAndWhyWhenAnAskIsNotMet() {
        start();
        KeyValueGrpc.KeyValueBlockingStub client = keyValue();
        node.leaderless(true);

        assertThatThrownBy(() -> client.get(get(
                        "k1",
                        ReadOptions.newBuilder()
                                .setMaxStaleness(Durations.fromMillis(1))
                                .setMaxWait(Durations.fromMillis(200)))))
                .satisfies(failure -> {
                    ErrorStatus error = ErrorStatus.from(failure).orElseThrow();
                    assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_TOO_STALE);
                    TooStale detail = error.detail(TooStale.class).orElseThrow();
                    assertThat(detail.getUnmet().hasActualStaleness()).isTrue();
                    assertThat(detail.getServedBy()).isEqualTo("r1");
                });
        assertThatThrownBy(() -> client.get(
                        get("k1", strength(Strength.STRENGTH_LINEARIZABLE).setMaxWait(Durations.fromMillis(200)))))
                .satisfies(failure -> assertThat(
                                ErrorStatus.from(failure).orElseThrow().reason())
                        .isEqualTo(ErrorReason.ERROR_REASON_NO_LEADER));
        GetResponse served = client.get(get(
                "k1",
                ReadOptions.newBuilder()
                        .setMinIndex(1000)
                        .setMaxWait(Durations.fromMillis(50))
                        .setWhenUnmet(WhenUnmet.WHEN_UNMET_SERVE)));
        assertThat(served.getHeader().getUnmet().getAskedIndex()).isEqualTo(1000);
    }

    @Test
    void shouldPassOnWhatItDoesNotServeAndEveryWrite() {
        int owned = ShardHash.shardOf("t", "k1", 1024);
        start("--replica.shards=" + owned);
        KeyValueGrpc.KeyValueBlockingStub client = keyValue();

        GetResponse here = client.get(get("k1", strength(Strength.STRENGTH_EVENTUAL)));
        assertThat(here.getHeader().getServedBy()).isEqualTo("r1");
        assertThat(node.hops).isEmpty();

        assertThat(client.get(get("k2", strength(Strength.STRENGTH_EVENTUAL)))
                        .getHeader()
                        .getServedBy())
                .isEqualTo("n1");
        assertThat(client.scan(ScanRequest.newBuilder().setTable("t").build())
                        .getHeader()
                        .getServedBy())
                .isEqualTo("n1");
        client.put(PutRequest.newBuilder().setTable("t").setKey("k1").build());
        assertThat(node.hops).containsExactly("Get 1 r1", "Scan 1 r1", "Put 1 r1");
    }

    @Test
    void shouldGoOnServingWithoutNodesAndComeBackFromItsDisk() throws Exception {
        Replica first = start();
        KeyValueGrpc.KeyValueBlockingStub client = keyValue();
        assertThat(text(client.get(get("k1", strength(Strength.STRENGTH_LINEARIZABLE)))))
                .isEqualTo("v1");
        node.close();

        assertThat(text(client.get(get("k1", strength(Strength.STRENGTH_EVENTUAL)))))
                .isEqualTo("v1");
        assertThatThrownBy(() -> client.put(
                        PutRequest.newBuilder().setTable("t").setKey("k1").build()))
                .satisfies(failure -> assertThat(
                                ErrorStatus.from(failure).orElseThrow().reason())
                        .isEqualTo(ErrorReason.ERROR_REASON_STOPPING));
        open.remove(first);
        first.close();

        // Alone after a restart it serves what is on its disk, and is not ready: it cannot say how stale that is.
        Replica second = start();
        assertThat(second.failure()).isNotDone();
        assertThat(Files.exists(directory.resolve("r1").resolve("ports"))).isFalse();

        node = new FakeNode(directory.resolve("node-again"), nodePort);
        for (int i = 0; i < 30; i++) {
            node.put("k" + i, "again" + i);
        }
        assertThat(ports()).isNotEmpty();
        assertThat(text(keyValue().get(get("k1", strength(Strength.STRENGTH_LINEARIZABLE)))))
                .as("what it had applied before it stopped")
                .isEqualTo("v1");
    }

    @Test
    void shouldRefuseTheDataOfAnotherCluster() {
        Replica first = start();
        assertThat(ports()).isNotEmpty();
        open.remove(first);
        first.close();

        node.belongTo("another");
        Replica second = start();

        assertThatThrownBy(() -> second.failure().get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(StartException.class)
                .hasMessageContaining("another")
                .hasMessageContaining("data-dir");
    }

    @Test
    void shouldRaiseAnAlarmForAWrongRowServeItNoMoreAndMendIt() throws Exception {
        Replica first = start();
        assertThat(ports()).isNotEmpty();
        open.remove(first);
        first.close();
        WrongRow.plant(directory.resolve("r1").resolve("store"), new RowName("t", "k1"), "wrong");
        int shard = ShardHash.shardOf("t", "k1", 1024);

        node.breakCopiesOff(true);
        start();
        KeyValueGrpc.KeyValueBlockingStub client = keyValue();
        GetRequest wanted = get("k1", strength(Strength.STRENGTH_EVENTUAL));
        assertThat(text(client.get(wanted))).isEqualTo("wrong");
        node.tellDigests();
        await(() -> client.get(wanted).getHeader().getServedBy().equals("n1"));

        MaintenanceGrpc.MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(channel());
        await(() -> alarms(maintenance).stream()
                .anyMatch(alarm -> alarm.getMessage().contains("buckets [")));
        assertThat(alarms(maintenance)).singleElement().satisfies(alarm -> {
            assertThat(alarm.getKind()).isEqualTo(AlarmKind.ALARM_KIND_DIGEST_MISMATCH);
            assertThat(alarm.getMessage()).contains("shard " + shard).contains("index 20");
        });
        assertThat(metric("tidemark_replica_mismatched_shards")).isEqualTo(1);
        assertThat(metric("tidemark_replica_serving_shards")).isEqualTo(1023);
        assertThat(digests(maintenance)).as("of what it has").hasSize(1023);

        node.breakCopiesOff(false);
        await(() -> client.get(wanted).getHeader().getServedBy().equals("r1"));
        assertThat(text(client.get(wanted))).isEqualTo("v1");
        await(() -> alarms(maintenance).isEmpty());
        assertThat(metric("tidemark_replica_mismatched_shards")).isZero();
        assertThat(metric("tidemark_replica_mismatches_total")).isEqualTo(1);
    }

    private static List<Alarm> alarms(MaintenanceGrpc.MaintenanceBlockingStub maintenance) {
        return maintenance.getStatus(GetStatusRequest.getDefaultInstance()).getAlarmsList();
    }

    private static List<ShardDigest> digests(MaintenanceGrpc.MaintenanceBlockingStub maintenance) {
        return maintenance.getDigests(GetDigestsRequest.getDefaultInstance()).getDigestsList();
    }

    private double metric(String name) throws Exception {
        return Pattern.compile("^" + name + "(?:\\{.*})? (\\S+)$", Pattern.MULTILINE)
                .matcher(metrics())
                .results()
                .mapToDouble(found -> Double.parseDouble(found.group(1)))
                .sum();
    }

    private String metrics() throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + ports().getProperty("http") + "/metrics"))
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void shouldTellHowItIsDoing() {
        start();
        GetStatusResponse status =
                MaintenanceGrpc.newBlockingStub(channel()).getStatus(GetStatusRequest.getDefaultInstance());

        assertThat(status.getServerId()).isEqualTo("r1");
        assertThat(status.getNotReadyList()).isEmpty();
        assertThat(Shards.of(status.getReplica().getServing(), 1024)).isEqualTo(Shards.all(1024));
        assertThat(status.getReplica().getUpstreamId()).isEqualTo("n@fake");
        assertThat(status.getStore().getRowCount()).isEqualTo(20);
    }

    @Test
    void shouldExposeExactlyTheMetricsThatAreDocumented() throws Exception {
        Set<String> documented = Files.readAllLines(Path.of("..", "docs", "metrics.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .filter(name -> !name.startsWith("tidemark_node_")
                        && !name.startsWith("tidemark_sidecar_")
                        && !name.startsWith("tidemark_ratis_")
                        && !name.startsWith("tidemark_backups")
                        && !name.startsWith("tidemark_feed")
                        && !name.startsWith("tidemark_bootstrap"))
                .collect(Collectors.toCollection(TreeSet::new));
        start();
        keyValue().get(get("k1", strength(Strength.STRENGTH_EVENTUAL)));
        assertThatThrownBy(() -> keyValue().get(get("", strength(Strength.STRENGTH_EVENTUAL))))
                .satisfies(failure -> assertThat(
                                ErrorStatus.from(failure).orElseThrow().reason())
                        .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD));
        String page = metrics();
        Set<String> exposed = new TreeSet<>();
        Matcher types = Pattern.compile("# TYPE (tidemark_\\S+) .*").matcher(page);
        while (types.find()) {
            exposed.add(types.group(1));
        }
        documented.removeIf(name -> !name.startsWith("tidemark_"));

        assertThat(exposed).isEqualTo(documented);
    }
}
