// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.node.consensus.ConsensusOptions;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.FirstMember;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.ConfigurationException;
import io.tidemark.server.config.Option;
import io.tidemark.store.validate.SettingsRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeConfigTest {

    private static final String THREE = "--cluster.nodes=n3@10.0.0.3,n1@10.0.0.1,n2@[::1]:1/2/3";

    @Test
    void shouldBeDocumentedAsItIs() throws IOException {
        List<String> documented = Files.readAllLines(Path.of("..", "docs", "configuration.md")).stream()
                .dropWhile(line -> !line.startsWith("## `tidemark node` alone"))
                .skip(1)
                .takeWhile(line -> !line.startsWith("#"))
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertThat(documented)
                .as("the second table in docs/configuration.md: replace it by these lines")
                .isEqualTo(
                        NodeConfig.OWN_OPTIONS.stream().map(Option::toMarkdown).toList());
    }

    @Test
    void shouldLoadTheExample() {
        NodeConfig config = NodeConfig.from(Configuration.load(
                NodeConfig.OPTIONS, Optional.of(Path.of("..", "deploy", "conf", "node.yaml")), Map.of(), List.of()));

        assertThat(config.plan().getMembersList())
                .extracting(FirstMember::getNodeId)
                .containsExactly("n1", "n2", "n3");
    }

    @Test
    void shouldHaveTheSettingsOfTheDesignByDefault() {
        assertThat(load().plan().getSettings()).isEqualTo(SettingsRules.defaults());
    }

    @Test
    void shouldTakePartByDefaultAsConsensusOptionsSay() {
        NodeConfig.Raft raft = load().raft();
        ConsensusOptions options =
                ConsensusOptions.of(Path.of("unused"), "c", new Member("n1", "127.0.0.1:1", "internal:1", "client:1"));

        assertThat(raft)
                .isEqualTo(new NodeConfig.Raft(
                        raft.port(),
                        options.electionMin(),
                        options.electionMax(),
                        options.checkpointEntries(),
                        options.checkpointBytes(),
                        options.keptEntries(),
                        options.segmentBytes()));
    }

    @Test
    void shouldBeAloneUnlessToldOthers() {
        NodeConfig config = load("--raft.port=0", "--host=0.0.0.0");

        assertThat(config.plan().getMembersList())
                .containsExactly(member("n1", "0.0.0.0:0", "0.0.0.0:7401", "0.0.0.0:7400"));
        assertThat(config.joins()).isFalse();
    }

    @Test
    void shouldPutTheFirstMembersInOrder() {
        assertThat(load(THREE).plan().getMembersList())
                .containsExactly(
                        member("n1", "10.0.0.1:7402", "10.0.0.1:7401", "10.0.0.1:7400"),
                        member("n2", "[::1]:3", "[::1]:2", "[::1]:1"),
                        member("n3", "10.0.0.3:7402", "10.0.0.3:7401", "10.0.0.3:7400"));
    }

    @Test
    void shouldRefuseWhatIsNoNode() {
        for (String text : List.of("n1", "N1@h", "n1@h:1", "n1@h:1/2/0", "n1@h:1/2/65536", "n1@h,")) {
            assertThatThrownBy(() -> load("--cluster.nodes=" + text))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("flag: cluster.nodes: '" + text + "' (expected: a list, each id@host");
        }
    }

    @Test
    void shouldRefuseOptionsThatDoNotGoTogether() {
        assertThatThrownBy(() -> load("--cluster.nodes=n2@h2,n2@h3"))
                .hasMessageContaining("cluster.nodes: n2 is there twice")
                .hasMessageContaining("expected: this node, n1, among them; or cluster.start: join");
        assertThatThrownBy(() -> load("--cluster.start=join"))
                .hasMessageContaining("expected, with cluster.start: join: members that run, to ask");
        assertThatThrownBy(() -> load(THREE, "--host=0.0.0.0")).hasMessageContaining("advertised-host: missing");
        assertThatThrownBy(() -> load(THREE, "--raft.port=0"))
                .hasMessageContaining("raft.port: 0 (expected: 7402, as cluster.nodes says of this node)")
                .hasMessageContaining("none of them 0 in a cluster of several nodes");
        assertThatThrownBy(() -> load("--raft.election-min=3s", "--store.shards=1000", "--store.max-request-ids=1000"))
                .hasMessageContaining("raft.election-min: 3000ms (expected: below raft.election-max, 1500ms)")
                .hasMessageContaining("store.shards: 1000 (expected: a power of two)")
                .hasMessageContaining(
                        "store.max-request-ids: 1000 (expected: not below store.min-request-ids, 100000)");
    }

    private static NodeConfig load(String... flags) {
        List<String> all = new ArrayList<>(List.of("--id=n1", "--data-dir=data"));
        all.addAll(List.of(flags));
        return NodeConfig.from(Configuration.load(NodeConfig.OPTIONS, Optional.empty(), Map.of(), all));
    }

    private static FirstMember member(String id, String raft, String internal, String client) {
        return FirstMember.newBuilder()
                .setNodeId(id)
                .setRaftAddress(raft)
                .setInternalAddress(internal)
                .setClientAddress(client)
                .build();
    }
}
