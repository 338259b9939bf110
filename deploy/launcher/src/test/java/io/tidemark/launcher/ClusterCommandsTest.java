// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.testkit.TidemarkCluster;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands on the cluster itself, against a real one. */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterCommandsTest {

    @RegisterExtension
    static final TidemarkCluster cluster =
            TidemarkCluster.builder().nodes(3).replicas(2).build();

    private static Cli.Run run(String... arguments) {
        return Cli.of(cluster.endpoints()).run(arguments);
    }

    private static Cli.Run done(String... arguments) {
        Cli.Run run = run(arguments);
        assertThat(run.code()).as(run.all()).isZero();
        return run;
    }

    private static JsonObject json(Cli.Run run) {
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }

    @Test
    void shouldMakeChangeAndDropTables() {
        done("table", "create", "sessions", "--default-ttl=1h", "--max-value=4KiB");

        assertThat(done("table", "show", "sessions").out())
                .contains("sessions")
                .contains("60 min")
                .contains("4.0 KiB");
        done("table", "update", "sessions", "--default-ttl=none");
        JsonObject shown = json(done("table", "show", "sessions", "--output=json"));
        assertThat(shown.has("default_ttl_ms")).isFalse();
        assertThat(shown.get("max_value_bytes").getAsLong()).isEqualTo(4096);
        assertThat(run("table", "create", "sessions").code()).isEqualTo(ExitCode.FAILED);
        assertThat(run("table", "drop", "sessions").code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(done("table", "drop", "sessions", "--yes").out()).startsWith("dropped sessions at index ");
        assertThat(run("table", "drop", "nothing", "--yes").code()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(run("table", "show", "nothing").code()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(run("table", "update", "sessions").code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(done("table", "list", "--output=yaml").out()).contains("tables:");
    }

    @Test
    void shouldShowTheTopology() {
        cluster.client().table("t").put("k", "v");
        cluster.awaitApplied();

        Cli.Run table = done("topology");
        JsonObject topology = json(done("topology", "--output=json"));

        assertThat(table.out()).contains("leader ").containsPattern("r1 +replica +serving");
        assertThat(table.out().lines().filter(line -> line.startsWith("ID "))).hasSize(1);
        assertThat(topology.getAsJsonArray("nodes")).hasSize(3);
        JsonObject replica = topology.getAsJsonArray("replicas").get(0).getAsJsonObject();
        assertThat(replica.get("placed_shards").getAsInt()).isEqualTo(1024);
        assertThat(replica.get("lag").getAsLong()).isNotNegative();
        assertThat(topology.get("leader")).isNull();
        for (JsonElement node : topology.getAsJsonArray("nodes")) {
            assertThat(node.getAsJsonObject().get("role").getAsString()).isIn("leader", "follower");
        }
    }

    @Test
    void shouldSayHowServersAre() {
        Cli.Run all = done("status");
        Cli.Run one = done("status", "r1");

        assertThat(all.out().lines()).hasSize(6);
        assertThat(all.out()).containsPattern("n1 +yes +0 ");
        assertThat(one.out()).contains("upstream").contains("shards serving");
        assertThat(json(done("status", "n1", "--output=json"))
                        .getAsJsonObject("node")
                        .has("raft_commit_index"))
                .isTrue();
        assertThat(run("status", "n9").code()).isEqualTo(ExitCode.NOT_FOUND);
    }

    @Test
    void shouldSayWhoIsSilent() {
        cluster.stop("r2");

        Cli.Run status = run("status", "--timeout=2s");

        assertThat(status.code()).isEqualTo(ExitCode.UNSOUND);
        assertThat(status.out()).containsPattern("r2 +silent").contains("r2 does not answer: ");
    }

    @Test
    void shouldCompareAllServers() {
        cluster.client().table("t").put("k", "v");

        // Which they keep once a second, or begin to when they have started.
        Cli.Run first = run("verify");
        while (first.code() == ExitCode.UNSOUND && first.out().contains("was not compared")) {
            first = run("verify");
        }
        Cli.Run kept = first;
        JsonObject deep = json(done("verify", "--deep", "--output=json"));

        assertThat(kept.out())
                .contains("compared at index ")
                .contains("n1, n2, n3, r1, r2")
                .contains("all alike");
        assertThat(deep.getAsJsonArray("server_ids")).hasSize(5);
        assertThat(deep.getAsJsonArray("mismatches")).isEmpty();
    }

    @Test
    void shouldHandLeadershipOver() {
        String before = cluster.leader();
        String other = before.equals("n2") ? "n3" : "n2";

        assertThat(done("member", "transfer", other).out()).startsWith(other + " leads, in term ");

        assertThat(cluster.leader()).isEqualTo(other);
        assertThat(run("member", "transfer", "n9").code()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(run("member", "remove", "n9").code()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(run("member", "add", "n4").code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(run("member", "replace", "n9", "n4").err()).contains("'n4' (expected: id@host or ");
    }

    /** The last one: the others want a replica that serves everything, and what servers tell of each other comes a little later. */
    @Test
    @Order(Integer.MAX_VALUE)
    void shouldDrainAReplicaAndPutItBackToWork() {
        Cli.Run drained = done("replica", "drain", "r1");

        assertThat(drained.out()).startsWith("drained r1");
        assertThat(done("replica", "list").out()).containsPattern("r1 +\\w+");
        assertThat(run("replica", "remove", "r1").code()).isEqualTo(ExitCode.FAILED);
        assertThat(run("replica", "remove", "r1").err()).contains("MEMBER_ALIVE");
        assertThat(done("replica", "resume", "r1").out()).isEqualTo("resumed r1: it is to serve 1024 shards\n");
        assertThat(run("replica", "drain", "r9").code()).isEqualTo(ExitCode.NOT_FOUND);
    }
}
