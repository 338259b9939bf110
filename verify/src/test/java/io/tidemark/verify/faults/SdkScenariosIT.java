// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.client.ReadOptions;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.TidemarkException;
import io.tidemark.server.process.LoopbackPorts;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.faults.ClusterUnderTest.ReplicaUnderTest;
import io.tidemark.verify.history.TimedCalls;
import io.tidemark.verify.process.Place;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import io.tidemark.verify.process.TcpProxy;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What applications of the SDK notice of it when servers are killed, restarted, frozen, slow, or not there: no call outlives its deadline,
 * no session goes backwards, and what can be served is.
 */
@Tag("faults")
@Timeout(1_800)
class SdkScenariosIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration PERIOD = Duration.ofSeconds(4);
    /** What a small multiple is here, on machines that do other things too. */
    private static final int SMALL_MULTIPLE = 5;

    private static final Duration LEAST_COUNTED = Duration.ofMillis(20);
    private static final Duration SLOWNESS = Duration.ofMillis(300);

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldGoOnWhenTheLeaderIsKilled() throws Exception {
        String test = "sdk: leader killed";
        Rounds rounds = Rounds.of("sdk", 2);
        try (ClusterUnderTest cluster = cluster(3, 1);
                SdkLoad load = new SdkLoad(test, cluster, Rounds.seed(test))) {
            load.awaitWrites();
            while (rounds.next()) {
                NodeUnderTest leader = cluster.awaitLeader(TIMEOUT).node();
                load.say("round " + rounds.done() + ": kills " + leader.id());
                load.killWhile(leader.server(), load::awaitWrites);
                leader.server().awaitReady(TIMEOUT);
                load.awaitWrites();
            }
            load.finishAndCheck();
        }
    }

    @Test
    void shouldGoOnWhenEachServerIsRestartedInTurn() throws Exception {
        String test = "sdk: all restarted in turn";
        Rounds rounds = Rounds.of("sdk", 1);
        try (ClusterUnderTest cluster = cluster(3, 2);
                SdkLoad load = new SdkLoad(test, cluster, Rounds.seed(test))) {
            load.awaitWrites();
            // The table comes with the first write, and to each replica a moment later.
            long begun = System.nanoTime();
            while (rounds.next()) {
                for (ServerUnderTest server : all(cluster)) {
                    load.say("round " + rounds.done() + ": restarts " + server.id());
                    load.restart(server);
                    load.awaitWrites();
                }
            }
            TimedCalls calls = load.finishAndCheck();
            // At any time there were servers that could answer.
            assertThat(calls.between(begun, System.nanoTime()).reads().failures())
                    .isEmpty();
        }
    }

    @Test
    void shouldReadAsFastWhenAReplicaIsFrozen() throws Exception {
        String test = "sdk: replica frozen";
        Rounds rounds = Rounds.of("sdk", 1);
        try (ClusterUnderTest cluster = cluster(1, 2);
                SdkLoad load = new SdkLoad(test, cluster, Rounds.seed(test))) {
            while (rounds.next()) {
                TimedCalls unused = load.during("warm-up", WARM_UP);
                TimedCalls normal = load.during("normal", PERIOD);
                List<TimedCalls> frozen = new ArrayList<>();
                load.pauseWhile(cluster.replica("r1").server(), () -> frozen.add(load.during("r1 frozen", PERIOD)));
                assertAsFast("r1", normal, frozen.get(0));
            }
            load.finishAndCheck();
        }
    }

    @Test
    void shouldReadAsFastWhenAReplicaIsSlowOrCutOff() throws Exception {
        String test = "sdk: replica slow";
        Rounds rounds = Rounds.of("sdk", 1);
        try (ClusterUnderTest cluster = cluster(1, 1)) {
            ServerUnderTest server = cluster.startReplica(
                    "r2", "--advertised-host=" + TcpProxy.beside().getHostAddress());
            ReplicaUnderTest behind = cluster.replica("r2");
            try (Network network = Network.of(behind)) {
                server.awaitReady(TIMEOUT);
                try (SdkLoad load = new SdkLoad(test, cluster, Rounds.seed(test))) {
                    while (rounds.next()) {
                        slowThenCutOff(load, network.toClients());
                    }
                    load.finishAndCheck();
                }
            }
        }
    }

    private static void slowThenCutOff(SdkLoad load, TcpProxy network) {
        TimedCalls warmUp = load.during("warm-up", WARM_UP);
        TimedCalls normal = load.during("normal", PERIOD);
        network.delay(SLOWNESS);
        TimedCalls learning = load.during("r2 slow, at first", PERIOD);
        TimedCalls slow = load.during("r2 slow", PERIOD);
        network.delay(Duration.ZERO);
        load.awaitReadsServedBy("r2");
        TimedCalls again = load.during("as before", PERIOD);
        network.blackHole(true);
        TimedCalls cutOff = load.during("r2 cut off", PERIOD);
        network.blackHole(false);

        assertAsFast("r2", normal, slow);
        assertAsFast("r2", again, cutOff);
        for (TimedCalls calls : List.of(warmUp, learning, again)) {
            assertThat(calls.reads().failures()).isEmpty();
        }
    }

    @Test
    void shouldStartWhereSomeAddressesAreDead() throws Exception {
        String test = "sdk: dead addresses";
        try (ClusterUnderTest cluster = cluster(1, 1);
                ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            List<String> endpoints = List.of(
                    "no-such-host.invalid:7400",
                    "127.0.0.1:" + LoopbackPorts.next(),
                    "127.0.0.1:" + silent.getLocalPort(),
                    cluster.nodes().get(0).endpoint());
            long begin = System.nanoTime();
            try (TidemarkClient client = TidemarkClient.connect(String.join(",", endpoints))) {
                client.table("t").put("k", "v");
                assertThat(client.table("t").get("k").value()).contains("v");
            }
            long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
            Rounds.say(test, "first write and read after " + millis + " ms");
            assertThat(millis).isLessThan(SdkLoad.DEADLINE.toMillis());
        }
    }

    /** At first the name stands for one address at which nobody listens and one at which nobody answers. */
    @Test
    void shouldFollowANameThatStoodForDeadHostsAtStart() throws Exception {
        String test = "sdk: name of dead hosts";
        try (ClusterUnderTest cluster = cluster(1, 1);
                TidemarkClient client = TidemarkClient.connect(String.join(",", cluster.endpoints()));
                ServerSocket silent =
                        new ServerSocket(cluster.nodes().get(0).clientPort(), 50, InetAddress.getByName("127.0.0.4"))) {
            client.table("t").put("k", "v");
            Path hosts = servers.directory().resolve("hosts");
            Files.writeString(hosts, "127.0.0.3 tidemark.test\n127.0.0.4 tidemark.test\n");
            Process reader = new ProcessBuilder(
                            ReadByName.command(hosts, "tidemark.test:" + silent.getLocalPort(), "t", "k"))
                    .redirectErrorStream(true)
                    .start();
            CompletableFuture.delayedExecutor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                    .execute(reader::destroyForcibly);
            try (BufferedReader told = reader.inputReader(StandardCharsets.UTF_8)) {
                String failed = Objects.requireNonNull(told.readLine());
                Rounds.say(test, failed);
                assertThat(failed).startsWith(ReadByName.FAILED).containsAnyOf("127.0.0.3", "127.0.0.4");
                Files.writeString(hosts, "127.0.0.1 tidemark.test\n");
                long moved = System.nanoTime();
                String last = failed;
                while (last.startsWith(ReadByName.FAILED)) {
                    last = Objects.requireNonNull(told.readLine());
                    // But the first failure of a process: it loads classes, which takes as long as a machine is busy.
                    if (last.startsWith(ReadByName.FAILED)) {
                        assertThat(millis(last))
                                .isLessThan(
                                        ReadByName.DEADLINE.plus(SdkLoad.GRACE).toMillis());
                    }
                }
                Rounds.say(
                        test,
                        last + " " + Duration.ofNanos(System.nanoTime() - moved).toMillis()
                                + " ms after the name moved");
                assertThat(last).isEqualTo(ReadByName.READ + "v");
            } finally {
                reader.destroyForcibly();
            }
        }
    }

    private static long millis(String failed) {
        return Long.parseLong(failed.substring(ReadByName.FAILED.length(), failed.indexOf(" ms")));
    }

    @Test
    void shouldSayWhomItTriedWhereAllAddressesAreDead() {
        String closed = "127.0.0.1:" + LoopbackPorts.next();
        try (TidemarkClient client = TidemarkClient.connect("no-such-host.invalid:7400," + closed)) {
            // The first failure of a process loads classes, which takes as long as a machine is busy.
            assertThatThrownBy(() ->
                            client.table("t").get("k", ReadOptions.defaults().withDeadline(Duration.ofMillis(100))))
                    .isInstanceOf(TidemarkException.class);
            long begin = System.nanoTime();
            assertThatThrownBy(() -> client.table("t").get("k"))
                    .isInstanceOf(TidemarkException.class)
                    .satisfies(failure -> Rounds.say("sdk: all dead", failure.toString()))
                    .hasMessageContaining(closed);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SdkLoad.DEADLINE.plus(SdkLoad.GRACE));
        }
    }

    private static void assertAsFast(String victim, TimedCalls normal, TimedCalls troubled) {
        assertThat(normal.reads().servedBy()).as("else nothing is shown").containsKey(victim);
        Duration usual = normal.reads().percentile(0.99);
        Duration bound = (usual.compareTo(LEAST_COUNTED) > 0 ? usual : LEAST_COUNTED).multipliedBy(SMALL_MULTIPLE);
        assertThat(troubled.reads().percentile(0.99))
                .as("p99 of reads; normal is " + usual)
                .isLessThan(bound);
        assertThat(troubled.reads().failures()).isEmpty();
    }

    private ClusterUnderTest cluster(int nodes, int replicas) {
        ClusterUnderTest cluster =
                ClusterUnderTest.start(servers, id -> Place.SMALL, nodes, "--store.auto-create-tables=true");
        for (int i = 1; i <= replicas; i++) {
            ServerUnderTest unused = cluster.startReplica("r" + i);
        }
        cluster.replicas().forEach(replica -> replica.server().awaitReady(TIMEOUT));
        return cluster;
    }

    private static List<ServerUnderTest> all(ClusterUnderTest cluster) {
        List<ServerUnderTest> all = new ArrayList<>();
        cluster.replicas().forEach(replica -> all.add(replica.server()));
        cluster.nodes().forEach(node -> all.add(node.server()));
        return all;
    }

    /** What a server is reached through that advertises another address than it listens at. */
    private record Network(TcpProxy toClients, TcpProxy toServers) implements AutoCloseable {

        static Network of(ReplicaUnderTest replica) {
            return new Network(proxy(replica.clientPort()), proxy(replica.internalPort()));
        }

        private static TcpProxy proxy(int port) {
            return TcpProxy.open(
                    new InetSocketAddress(TcpProxy.beside(), port),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }

        @Override
        public void close() {
            toClients.close();
            toServers.close();
        }
    }
}
