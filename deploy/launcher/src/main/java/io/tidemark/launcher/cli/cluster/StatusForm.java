// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.launcher.cli.Fields;
import io.tidemark.launcher.cli.Quantities;
import io.tidemark.launcher.cli.TextTable;
import io.tidemark.proto.v1.Alarm;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.NodeStatus;
import io.tidemark.proto.v1.NotReady;
import io.tidemark.proto.v1.ReplicaStatus;
import io.tidemark.proto.v1.StoreStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** How a server's status is printed. */
record StatusForm(GetStatusResponse status) {

    boolean isSound() {
        return status.getNotReadyCount() == 0 && status.getAlarmsCount() == 0;
    }

    private boolean isReady() {
        return status.getNotReadyCount() == 0;
    }

    private long appliedIndex() {
        return status.getHeader().getAppliedIndex();
    }

    /** A line for each, and then what somebody should look at. */
    static String text(List<StatusForm> answered, Map<String, String> silent) {
        TextTable table = new TextTable(
                "SERVER",
                "READY",
                "ALARMS",
                "UPTIME",
                "APPLIED",
                "CHECKPOINT",
                "HORIZON",
                "ROWS",
                "LIVE",
                "HISTORY",
                "DISK",
                "FREE",
                "VERSION");
        StringBuilder notes = new StringBuilder();
        for (StatusForm form : answered) {
            form.addTo(table);
            notes.append(form.notes());
        }
        silent.forEach((id, why) -> {
            table.add(id, "silent", "", "", "", "", "", "", "", "", "", "", "");
            notes.append(id).append(" does not answer: ").append(why).append('\n');
        });
        return table + (notes.isEmpty() ? "" : "\n" + notes);
    }

    private void addTo(TextTable table) {
        StoreStatus store = status.getStore();
        table.add(
                status.getServerId(),
                isReady() ? "yes" : "NO",
                Integer.toString(status.getAlarmsCount()),
                Quantities.duration(Quantities.duration(status.getUptime())),
                Long.toString(appliedIndex()),
                Long.toString(status.getCheckpointIndex()),
                Long.toString(status.getHorizon()),
                Long.toString(store.getRowCount()),
                Quantities.bytes(store.getLiveBytes()),
                Quantities.bytes(store.getHistoryBytes()),
                Quantities.bytes(store.getDiskBytes()),
                Quantities.bytes(store.getDiskFreeBytes()),
                status.getSoftwareVersion());
    }

    private String notes() {
        StringBuilder notes = new StringBuilder();
        for (NotReady why : status.getNotReadyList()) {
            notes.append(status.getServerId() + " is not ready: " + why.getCheck() + ": " + why.getReason() + "\n");
        }
        for (Alarm alarm : status.getAlarmsList()) {
            notes.append(status.getServerId() + " alarm " + kind(alarm) + " since " + since(alarm) + ": "
                    + alarm.getMessage() + (alarm.getSubjectMap().isEmpty() ? "" : " " + alarm.getSubjectMap()) + "\n");
        }
        return notes.toString();
    }

    /** All of one server. */
    String details() {
        TextTable table = new TextTable("FIELD", "VALUE");
        StoreStatus store = status.getStore();
        table.add("server", status.getServerId());
        table.add("ready", isReady() ? "yes" : "NO");
        table.add("zone", status.getZone());
        table.add("version", status.getSoftwareVersion());
        table.add("uptime", Quantities.duration(Quantities.duration(status.getUptime())));
        table.add("history", status.getHeader().getHistoryId());
        table.add("applied index", Long.toString(appliedIndex()));
        table.add("horizon", Long.toString(status.getHorizon()));
        table.add(
                "checkpoint index",
                status.getCheckpointIndex()
                        + (status.hasCheckpointTime() ? ", log time " + instant(status.getCheckpointTime()) : ""));
        table.add("rows", Long.toString(store.getRowCount()));
        table.add("live bytes", Quantities.bytes(store.getLiveBytes()));
        table.add("history bytes", Quantities.bytes(store.getHistoryBytes()));
        table.add(
                "on disk",
                Quantities.bytes(store.getDiskBytes()) + " in " + store.getTableFileCount() + " table files, "
                        + Quantities.bytes(store.getDiskFreeBytes()) + " free");
        if (status.hasNode()) {
            add(status.getNode(), table);
        } else if (status.hasReplica()) {
            add(status.getReplica(), table);
        }
        String notes = notes();
        return table + (notes.isEmpty() ? "" : "\n" + notes);
    }

    private static void add(NodeStatus node, TextTable table) {
        table.add("leader", node.getLeaderId());
        table.add("term", Long.toString(node.getTerm()));
        table.add(
                "Raft index",
                "committed " + node.getRaftCommitIndex() + ", applied " + node.getRaftAppliedIndex() + ", kept from "
                        + node.getRaftFirstKeptIndex());
        table.add("replicas fed", Integer.toString(node.getSubscribersFed()));
        table.add("writes queued", Integer.toString(node.getQueuedWrites()));
    }

    private static void add(ReplicaStatus replica, TextTable table) {
        table.add("upstream", replica.getUpstreamId());
        table.add("shards serving", Integer.toString(TopologyForm.count(replica.getServing())));
        table.add("shards copying", Integer.toString(replica.getBootstrapsCount()));
        table.add("apply lag", Long.toString(replica.getApplyLag()));
    }

    Fields fields() {
        StoreStatus store = status.getStore();
        return Fields.of()
                .with("server_id", status.getServerId())
                .with("ready", isReady())
                .with(
                        "not_ready",
                        status.getNotReadyList().stream()
                                .map(why -> Fields.of()
                                        .with("check", why.getCheck())
                                        .with("reason", why.getReason())
                                        .toMap())
                                .toList())
                .with(
                        "alarms",
                        status.getAlarmsList().stream()
                                .map(alarm -> fields(alarm).toMap())
                                .toList())
                .withText("zone", status.getZone())
                .with("software_version", status.getSoftwareVersion())
                .withMillis("uptime_ms", Quantities.duration(status.getUptime()))
                .with("history_id", status.getHeader().getHistoryId())
                .with("applied_index", appliedIndex())
                .with("horizon", status.getHorizon())
                .with("checkpoint_index", status.getCheckpointIndex())
                .with("checkpoint_time", status.hasCheckpointTime() ? instant(status.getCheckpointTime()) : null)
                .with("row_count", store.getRowCount())
                .with("live_bytes", store.getLiveBytes())
                .with("history_bytes", store.getHistoryBytes())
                .with("disk_bytes", store.getDiskBytes())
                .with("disk_free_bytes", store.getDiskFreeBytes())
                .with("node", status.hasNode() ? fields(status.getNode()).toMap() : null)
                .with(
                        "replica",
                        status.hasReplica() ? fields(status.getReplica()).toMap() : null);
    }

    private static Fields fields(NodeStatus node) {
        return Fields.of()
                .withText("leader_id", node.getLeaderId())
                .with("term", node.getTerm())
                .with("raft_commit_index", node.getRaftCommitIndex())
                .with("raft_applied_index", node.getRaftAppliedIndex())
                .with("raft_first_kept_index", node.getRaftFirstKeptIndex())
                .with("subscribers_fed", node.getSubscribersFed())
                .with("queued_writes", node.getQueuedWrites());
    }

    private static Fields fields(ReplicaStatus replica) {
        return Fields.of()
                .withText("upstream_id", replica.getUpstreamId())
                .with("serving_shards", TopologyForm.count(replica.getServing()))
                .with("bootstrapping_shards", replica.getBootstrapsCount())
                .with("apply_lag", replica.getApplyLag());
    }

    private static Fields fields(Alarm alarm) {
        return Fields.of()
                .with("kind", kind(alarm))
                .with("message", alarm.getMessage())
                .with("since", since(alarm))
                .with("subject", alarm.getSubjectMap());
    }

    private static String kind(Alarm alarm) {
        return alarm.getKind().name().replace("ALARM_KIND_", "");
    }

    private static Instant since(Alarm alarm) {
        return instant(alarm.getSince());
    }

    private static Instant instant(com.google.protobuf.Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }
}
