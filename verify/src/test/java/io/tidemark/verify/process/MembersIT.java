// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.verify.faults.ClusterUnderTest;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nodes come and go while the cluster works, by the commands that an operator types, and one who watches sees it. */
@Timeout(240)
class MembersIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration WATCHED_MAX = Duration.ofSeconds(200);
    private static final Pattern ROW = Pattern.compile("(n\\d) +\\S+ +voter .*");

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldAddReplaceAndRemoveNodes() throws Exception {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(
                servers, 3, "--store.auto-create-tables=true", "--raft.election-min=3s", "--raft.election-max=6s")) {
            NodeUnderTest dead = cluster.awaitLeader(TIMEOUT).node();
            String survivors = "--endpoints=" + endpointsBut(cluster, dead);
            Launcher.done("put", "t", "k", "v", survivors);
            Process watching = new ProcessBuilder(
                            Launcher.command("topology", "--watch", "--interval=200ms", survivors))
                    .redirectErrorStream(true)
                    .start();
            // It prints for ever: without its end, whoever waits for what does not come would wait for ever, too.
            CompletableFuture.delayedExecutor(WATCHED_MAX.toSeconds(), TimeUnit.SECONDS)
                    .execute(watching::destroyForcibly);
            try (BufferedReader shown = watching.inputReader(StandardCharsets.UTF_8)) {
                awaitVoters(shown, "n1", "n2", "n3");

                NodeUnderTest n4 = cluster.startJoining("n4");
                assertThat(Launcher.done("member", "add", address(n4), survivors))
                        .contains("added n4: it votes");
                awaitVoters(shown, "n1", "n2", "n3", "n4");

                dead.server().kill();
                NodeUnderTest n5 = cluster.startJoining("n5");
                assertThat(Launcher.done("member", "replace", dead.id(), address(n5), "--timeout=60s", survivors))
                        .contains("replaced " + dead.id() + " by n5");
                assertThat(Launcher.done("member", "remove", "n4", survivors)).contains("removed n4: stop it");
                awaitVoters(
                        shown,
                        cluster.nodes().stream()
                                .map(NodeUnderTest::id)
                                .filter(id -> !id.equals(dead.id()) && !id.equals("n4"))
                                .toArray(String[]::new));
                assertThat(Launcher.done("get", "t", "k", "--consistency=linearizable", "--endpoints=" + n5.endpoint()))
                        .contains("v");
            } finally {
                watching.destroyForcibly();
            }
        }
    }

    private static String endpointsBut(ClusterUnderTest cluster, NodeUnderTest one) {
        List<String> endpoints = cluster.nodes().stream()
                .filter(node -> !node.id().equals(one.id()))
                .map(NodeUnderTest::endpoint)
                .toList();
        return String.join(",", endpoints);
    }

    private static String address(NodeUnderTest node) {
        return node.id() + "@127.0.0.1:" + node.clientPort() + "/" + node.internalPort() + "/" + node.raftPort();
    }

    /** Reads on, table by table, each of which an empty line ends. */
    private static void awaitVoters(BufferedReader shown, String... ids) throws IOException {
        while (true) {
            List<String> voters = new ArrayList<>();
            String line = Objects.requireNonNull(shown.readLine(), "the command has ended");
            while (!line.isEmpty() || voters.isEmpty()) {
                var row = ROW.matcher(line);
                if (row.matches()) {
                    voters.add(row.group(1));
                }
                line = Objects.requireNonNull(shown.readLine(), "the command has ended");
            }
            voters.sort(null);
            if (voters.equals(List.of(ids))) {
                return;
            }
        }
    }
}
