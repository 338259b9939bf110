// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.Quantities;
import io.tidemark.launcher.cli.TextTable;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.ShardRange;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.proto.v1.Topology;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * How a topology is printed.
 *
 * @param address who told it
 */
record TopologyForm(Topology topology, String address) {

    String text() {
        return head() + "\n" + table();
    }

    private String head() {
        int factor = topology.getReplicationFactor();
        return "cluster " + topology.getClusterId() + ", history "
                + topology.getVersion().getHistoryId() + ", term "
                + topology.getVersion().getTerm() + ", epoch "
                + topology.getVersion().getEpoch() + "\n" + leader() + ", "
                + topology.getShardCount() + " shards on " + (factor == 0 ? "every replica" : factor + " replicas each")
                + ", told by " + address + "\n";
    }

    /** What is told of others may be of before the term that somebody knows already. */
    private String leader() {
        long term =
                topology.getNodesList().stream().mapToLong(Node::getTerm).max().orElse(0);
        return topology.getNodesList().stream()
                .filter(node -> node.getRole() == ServerRole.SERVER_ROLE_LEADER)
                .max(Comparator.comparingLong(Node::getTerm))
                .map(node -> node.getTerm() == term
                        ? "leader " + node.getNodeId()
                        : "leader of term " + term + " not heard of yet (" + node.getNodeId() + " led in term "
                                + node.getTerm() + ")")
                .orElse("no leader known");
    }

    private String table() {
        TextTable table = new TextTable(
                "ID",
                "ROLE",
                "STATE",
                "TERM",
                "APPLIED",
                "LAG",
                "STALENESS",
                "ZONE",
                "SERVING",
                "PLACED",
                "UPSTREAM",
                "HEARD",
                "ADDRESS");
        for (Node node : topology.getNodesList()) {
            table.add(
                    node.getNodeId(),
                    role(node),
                    membership(node),
                    Long.toString(node.getTerm()),
                    Long.toString(node.getAppliedIndex()),
                    Long.toString(lag(node.getAppliedIndex())),
                    "",
                    node.getZone(),
                    "",
                    "",
                    "",
                    age(heard(node)),
                    node.getClientAddress());
        }
        for (Replica replica : topology.getReplicasList()) {
            table.add(
                    replica.getReplicaId(),
                    "replica",
                    state(replica),
                    "",
                    Long.toString(replica.getAppliedIndex()),
                    Long.toString(lag(replica.getAppliedIndex())),
                    Quantities.staleness(staleness(replica)),
                    replica.getZone(),
                    Integer.toString(count(replica.getServing())),
                    Integer.toString(count(replica.getPlaced())),
                    replica.getUpstreamId(),
                    age(heard(replica)),
                    replica.getClientAddress());
        }
        return table.toString();
    }

    Fields fields() {
        return Fields.of()
                .with("cluster_id", topology.getClusterId())
                .with("history_id", topology.getVersion().getHistoryId())
                .with("term", topology.getVersion().getTerm())
                .with("epoch", topology.getVersion().getEpoch())
                .with("shard_count", topology.getShardCount())
                .with("replication_factor", topology.getReplicationFactor())
                .with("told_by", address)
                .with(
                        "nodes",
                        topology.getNodesList().stream()
                                .map(node -> fields(node).toMap())
                                .toList())
                .with(
                        "replicas",
                        topology.getReplicasList().stream()
                                .map(replica -> fields(replica).toMap())
                                .toList());
    }

    private Fields fields(Node node) {
        return Fields.of()
                .with("id", node.getNodeId())
                .with("role", role(node))
                .with("membership", membership(node))
                .with("term", node.getTerm())
                .with("applied_index", node.getAppliedIndex())
                .with("lag", lag(node.getAppliedIndex()))
                .with("horizon", node.getHorizon())
                .withMillis("last_heard_ms", heard(node).orElse(null))
                .withText("zone", node.getZone())
                .with("address", node.getClientAddress())
                .with("internal_address", node.getInternalAddress())
                .with("raft_address", node.getRaftAddress())
                .with("software_version", node.getSoftwareVersion());
    }

    private Fields fields(Replica replica) {
        return Fields.of()
                .with("id", replica.getReplicaId())
                .with("role", "replica")
                .with("state", state(replica))
                .with("applied_index", replica.getAppliedIndex())
                .with("lag", lag(replica.getAppliedIndex()))
                .withMillis("staleness_ms", staleness(replica).orElse(null))
                .with("horizon", replica.getHorizon())
                .with("serving_shards", count(replica.getServing()))
                .with("placed_shards", count(replica.getPlaced()))
                .with("bootstrapping_shards", replica.getBootstrapsCount())
                .withText("upstream_id", replica.getUpstreamId())
                .withMillis("last_heard_ms", heard(replica).orElse(null))
                .with("weight", replica.getWeight())
                .withText("zone", replica.getZone())
                .with("address", replica.getClientAddress())
                .with("internal_address", replica.getInternalAddress())
                .with("request_rate", replica.getRequestRate())
                .with("cpu_load", replica.getCpuLoad())
                .with("software_version", replica.getSoftwareVersion());
    }

    /** Behind the furthest that is known: what is told of the others is a little older. */
    private long lag(long appliedIndex) {
        long furthest = topology.getNodesList().stream()
                .mapToLong(Node::getAppliedIndex)
                .max()
                .orElse(0);
        return Math.max(0, furthest - appliedIndex);
    }

    static String role(Node node) {
        return word(node.getRole().name(), "SERVER_ROLE_");
    }

    private static String membership(Node node) {
        return word(node.getMembership().name(), "NODE_MEMBERSHIP_");
    }

    static String state(Replica replica) {
        return word(replica.getState().name(), "REPLICA_STATE_");
    }

    private static String word(String name, String prefix) {
        return name.replace(prefix, "").replace("UNSPECIFIED", "unknown").toLowerCase(Locale.ROOT);
    }

    static int count(ShardSet shards) {
        int count = 0;
        for (ShardRange range : shards.getRangesList()) {
            count += range.getLast() - range.getFirst() + 1;
        }
        return count;
    }

    /** What it reported, and the time since: of a replica that is cut off, what it was long ago says nothing. */
    static Optional<Duration> staleness(Replica replica) {
        return replica.hasStaleness()
                ? Optional.of(Quantities.duration(replica.getStaleness())
                        .plus(heard(replica).orElse(Duration.ZERO)))
                : Optional.empty();
    }

    private static Optional<Duration> heard(Node node) {
        return node.hasLastHeard() ? Optional.of(Quantities.duration(node.getLastHeard())) : Optional.empty();
    }

    private static Optional<Duration> heard(Replica replica) {
        return replica.hasLastHeard() ? Optional.of(Quantities.duration(replica.getLastHeard())) : Optional.empty();
    }

    private static String age(Optional<Duration> age) {
        return age.map(Quantities::duration).orElse("never");
    }
}
