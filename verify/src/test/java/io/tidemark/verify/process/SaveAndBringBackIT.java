// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.api.SessionToken;
import io.tidemark.client.DeadlineExceededException;
import io.tidemark.client.HistoryChangedException;
import io.tidemark.client.Session;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.TooStaleException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.Watch;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.WatchEvents;
import io.tidemark.proto.v1.AddNodeRequest;
import io.tidemark.proto.v1.AddNodeResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.KeyValueGrpc.KeyValueBlockingStub;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Value;
import io.tidemark.verify.faults.ClusterUnderTest;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is saved of a cluster, or left of it, becomes another one, by the commands that a user types. */
@Timeout(180)
class SaveAndBringBackIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int ROWS = 50;
    private static final String TABLE = "t";

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldRestoreABackupIntoANewClusterThatGrows() throws Exception {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 2, "--store.auto-create-tables=true")) {
            SessionToken token = writeRows(cluster);
            Path backup = servers.directory().resolve("backup");
            assertThat(Launcher.done(
                            "backup", "--endpoint=" + cluster.nodes().get(1).endpoint(), "--out=" + backup))
                    .contains("backed up index " + token.index() + " of history " + token.history());
            put(leader(cluster), "not in it");
            killAll(cluster);

            ServerUnderTest restored = bringBack(cluster.nodes().get(0), "restore", "--backup=" + backup);

            assertThat(read(restored.clientPort(), "not in it").hasRow()).isFalse();
            assertBroughtBack(restored.clientPort(), token);
            grow(cluster.nodes().get(0), cluster.nodes().get(1));
        }
    }

    @Test
    void shouldTellApplicationsThatTheHistoryIsAnotherOne() throws Exception {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 1, "--store.auto-create-tables=true");
                TidemarkClient client =
                        TidemarkClient.connect(cluster.nodes().get(0).endpoint())) {
            Table<String> table = client.table(TABLE);
            table.put("k1", "saved");
            Path backup = servers.directory().resolve("backup");
            assertThat(Launcher.done(
                            "backup", "--endpoint=" + cluster.nodes().get(0).endpoint(), "--out=" + backup))
                    .contains("backed up index 1 ");
            table.put("k2", "lost");
            String token = table.put("k1", "lost").token();
            String nextPage = table.scan().pageSize(1).page().nextPageToken().orElseThrow();
            killAll(cluster);

            ServerUnderTest unused = bringBack(cluster.nodes().get(0), "restore", "--backup=" + backup);

            // The client itself, and whoever brings a token along, hear of it: at once, and each time.
            for (Session old : List.of(client.session(), Session.from(token))) {
                assertThatThrownBy(() -> eventually(() -> table.in(old).get("k1")))
                        .isInstanceOfSatisfying(
                                HistoryChangedException.class,
                                failure -> assertThat(failure.askedHistoryId()).isNotEqualTo(failure.actualHistoryId()))
                        .hasMessageContaining("history");
                assertThatThrownBy(() -> table.in(old).put("k1", "of the old session"))
                        .isInstanceOf(HistoryChangedException.class);
            }
            client.session().reset();
            assertThat(table.get("k1").value()).contains("saved");
            assertThat(table.put("k1", "new").token()).isNotEqualTo(token);

            // Not because of the session, which is of the new history by now.
            assertHistoryIsLost(table.watch().after(token));
            assertThatThrownBy(() -> table.scan().pageSize(1).page(nextPage))
                    .isInstanceOf(HistoryChangedException.class);
        }
    }

    private static void assertHistoryIsLost(Watch<String> watch) {
        List<WatchEvent<String>> told = new ArrayList<>();
        try (WatchEvents<String> events = watch.events()) {
            assertThatThrownBy(() -> events.forEach(told::add)).isInstanceOf(HistoryChangedException.class);
        }
        assertThat(told)
                .last()
                .isInstanceOfSatisfying(
                        WatchEvent.HistoryLost.class,
                        lost -> assertThat(lost.reason()).isInstanceOf(HistoryChangedException.class));
        assertThat(told).allMatch(event -> event.changes().isEmpty());
    }

    /** Again while the server that was brought back is not reached yet. */
    private static <T> T eventually(Supplier<T> call) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            try {
                return call.get();
            } catch (UnavailableException | DeadlineExceededException | TooStaleException e) {
                if (System.nanoTime() - deadline >= 0) {
                    throw e;
                }
            }
        }
    }

    @Test
    void shouldFeedAReplicaOfTheOldClusterOnceItsDiskIsEmpty() throws Exception {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 1, "--store.auto-create-tables=true")) {
            NodeUnderTest node = cluster.nodes().get(0);
            put(node.clientPort(), "k1");
            Path backup = servers.directory().resolve("backup");
            assertThat(Launcher.done("backup", "--endpoint=" + node.endpoint(), "--out=" + backup))
                    .contains("backed up index 1 ");
            put(node.clientPort(), "not in it");
            ServerUnderTest replica = cluster.startReplica("r1");
            replica.awaitReady(TIMEOUT);
            assertThat(read(replica.clientPort(), "not in it").hasRow()).isTrue();
            replica.stop();
            killAll(cluster);

            ServerUnderTest unused = bringBack(node, "restore", "--backup=" + backup);

            assertFollowsOnceItsDiskIsEmpty(replica);
        }
    }

    @Test
    void shouldRecoverWhatIsLeftOfAClusterWithoutAMajority() throws Exception {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 3, "--store.auto-create-tables=true")) {
            NodeUnderTest leader = cluster.awaitLeader(TIMEOUT).node();
            SessionToken token = writeRows(cluster);
            killAll(cluster);

            ServerUnderTest recovered =
                    bringBack(leader, "recover", "--from=" + leader.server().dataDir());

            assertBroughtBack(recovered.clientPort(), token);
        }
    }

    private static void killAll(ClusterUnderTest cluster) {
        for (NodeUnderTest node : cluster.nodes()) {
            node.server().kill();
            node.server().awaitEnd(TIMEOUT);
        }
    }

    /** By the command, into the node "new" at the ports of an old one, and started. */
    private ServerUnderTest bringBack(NodeUnderTest ports, String... command) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.add("--id=new");
        arguments.add("--data-dir=" + servers.directory().resolve("new"));
        arguments.addAll(options(ports));
        assertThat(Launcher.done(arguments.toArray(String[]::new)))
                .contains("The new cluster is brought-back", "Start node new");
        ServerUnderTest node = servers.startNode("new", options(ports).toArray(String[]::new));
        node.awaitReady(TIMEOUT);
        return node;
    }

    private static List<String> options(NodeUnderTest ports) {
        return List.of(
                "--cluster.name=brought-back",
                "--client.port=" + ports.clientPort(),
                "--internal.port=" + ports.internalPort(),
                "--raft.port=" + ports.raftPort());
    }

    private static void assertBroughtBack(int port, SessionToken old) throws InterruptedException {
        for (int i = 0; i < ROWS; i++) {
            assertThat(read(port, "k" + i).getRow().getValue().getBytes().toStringUtf8())
                    .isEqualTo("value of k" + i);
        }
        GetRequest ofOldSession = get("k0").toBuilder()
                .setReadOptions(ReadOptions.newBuilder().addSessionTokens(old.text()))
                .build();
        assertThatThrownBy(() -> call(port, channel -> keyValue(channel).get(ofOldSession)))
                .satisfies(failure -> assertThat(
                                ErrorStatus.from(failure).orElseThrow().reason())
                        .isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED));
        SessionToken after = put(port, "after");
        assertThat(after.history()).isNotEqualTo(old.history());
        assertThat(after.index()).isGreaterThan(old.index());
    }

    /** Whoever gave it these nodes may have meant others: nothing is thrown away for that. */
    private static void assertFollowsOnceItsDiskIsEmpty(ServerUnderTest replica) throws Exception {
        replica.start();
        assertThat(replica.awaitEnd(TIMEOUT)).isNotZero();
        replica.awaitLogLine(Pattern.compile("give it nodes of that cluster, or an empty data-dir"), TIMEOUT);

        Servers.deleteAll(replica.dataDir());
        replica.start();
        replica.awaitReady(TIMEOUT);
        assertThat(read(replica.clientPort(), "not in it").hasRow()).isFalse();
        GetResponse restored = read(replica.clientPort(), "k1");
        assertThat(restored.hasRow()).isTrue();
        assertThat(restored.getHeader().getServedBy()).isEqualTo("r1");
    }

    /** A second node is added, to which the first is known under addresses that it can be reached at. */
    private void grow(NodeUnderTest first, NodeUnderTest second) throws Exception {
        List<String> flags = new ArrayList<>(options(second));
        flags.add("--cluster.start=join");
        flags.add("--cluster.nodes=new@" + first.endpoint() + "/" + first.internalPort() + "/" + first.raftPort());
        ServerUnderTest node = servers.startNode("second", flags.toArray(String[]::new));
        node.awaitLogLine(Pattern.compile("born node=second "), TIMEOUT);
        AddNodeRequest request = AddNodeRequest.newBuilder()
                .setNodeId("second")
                .setClientAddress(second.endpoint())
                .setInternalAddress("127.0.0.1:" + second.internalPort())
                .setRaftAddress("127.0.0.1:" + second.raftPort())
                .build();
        AddNodeResponse last = call(first.clientPort(), channel -> add(request, channel));
        assertThat(last.hasNode()).isTrue();
        node.awaitReady(TIMEOUT);
        assertThat(read(second.clientPort(), "k7").hasRow()).isTrue();
        assertThat(Launcher.done("verify", "--deep", "--endpoints=" + first.endpoint() + "," + second.endpoint()))
                .contains("new, second", "all alike");
    }

    /** Asked again while the new node, which has just started, is too slow to answer in time: nothing has begun then. */
    private static AddNodeResponse add(AddNodeRequest request, ManagedChannel channel) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            try {
                AddNodeResponse latest = AddNodeResponse.getDefaultInstance();
                Iterator<AddNodeResponse> progress = MaintenanceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                        .addNode(request);
                while (progress.hasNext()) {
                    latest = progress.next();
                }
                return latest;
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.INVALID_ARGUMENT || System.nanoTime() - deadline >= 0) {
                    throw e;
                }
            }
        }
    }

    private static int leader(ClusterUnderTest cluster) {
        return cluster.awaitLeader(TIMEOUT).node().clientPort();
    }

    /** The last of them is what a session has seen. */
    private static SessionToken writeRows(ClusterUnderTest cluster) throws InterruptedException {
        int port = leader(cluster);
        SessionToken seen = put(port, "k0");
        for (int i = 1; i < ROWS; i++) {
            seen = put(port, "k" + i);
        }
        return seen;
    }

    private static SessionToken put(int port, String key) throws InterruptedException {
        PutRequest request = PutRequest.newBuilder()
                .setTable(TABLE)
                .setKey(key)
                .setValue(Value.newBuilder().setBytes(ByteString.copyFromUtf8("value of " + key)))
                .build();
        PutResponse answer = call(port, channel -> keyValue(channel).put(request));
        return new SessionToken(new HistoryId(answer.getHeader().getHistoryId()), answer.getIndex());
    }

    private static GetResponse read(int port, String key) throws InterruptedException {
        return call(port, channel -> keyValue(channel).get(get(key)));
    }

    private static GetRequest get(String key) {
        return GetRequest.newBuilder().setTable(TABLE).setKey(key).build();
    }

    private static KeyValueBlockingStub keyValue(ManagedChannel channel) {
        return KeyValueGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    /** On a channel of its own: another process may have the port since the last call. */
    private static <T> T call(int port, Function<ManagedChannel, T> call) throws InterruptedException {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        try {
            return call.apply(channel);
        } finally {
            assertThat(channel.shutdownNow().awaitTermination(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }
    }
}
