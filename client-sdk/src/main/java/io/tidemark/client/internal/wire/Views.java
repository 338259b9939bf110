// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.wire;

import io.tidemark.client.ServerStatus;
import io.tidemark.client.TableInfo;
import io.tidemark.client.TableSettings;
import io.tidemark.client.Topology;
import io.tidemark.client.Topology.ReplicaState;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.proto.v1.StoreStatus;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TableState;

/** The cluster and its tables, as users see them. */
public final class Views {

    private Views() {}

    public static TableInfo table(Table table) {
        TableSettings settings = TableSettings.defaults();
        io.tidemark.proto.v1.TableSettings proto = table.getSettings();
        if (proto.hasDefaultTtl()) {
            settings = settings.withDefaultTtl(Headers.duration(proto.getDefaultTtl()));
        }
        if (proto.hasHttpCacheAge()) {
            settings = settings.withHttpCacheAge(Headers.duration(proto.getHttpCacheAge()));
        }
        if (proto.hasMaxValueBytes()) {
            settings = settings.withMaxValueBytes(proto.getMaxValueBytes());
        }
        return new TableInfo(
                table.getTable(),
                settings,
                table.getState() == TableState.TABLE_STATE_DROPPING,
                table.getCreatedIndex(),
                table.getModifiedIndex());
    }

    public static io.tidemark.proto.v1.TableSettings settings(TableSettings settings) {
        io.tidemark.proto.v1.TableSettings.Builder proto = io.tidemark.proto.v1.TableSettings.newBuilder();
        settings.defaultTtl().ifPresent(ttl -> proto.setDefaultTtl(Headers.duration(ttl)));
        settings.httpCacheAge().ifPresent(age -> proto.setHttpCacheAge(Headers.duration(age)));
        settings.maxValueBytes().ifPresent(proto::setMaxValueBytes);
        return proto.build();
    }

    public static Topology topology(io.tidemark.proto.v1.Topology topology) {
        return new Topology(
                topology.getClusterId(),
                topology.getVersion().getHistoryId(),
                topology.getVersion().getTerm(),
                topology.getVersion().getEpoch(),
                topology.getShardCount(),
                topology.getReplicationFactor(),
                topology.getNodesList().stream().map(Views::node).toList(),
                topology.getReplicasList().stream().map(Views::replica).toList());
    }

    private static Topology.Node node(Node node) {
        return new Topology.Node(
                node.getNodeId(),
                node.getZone(),
                node.getClientAddress(),
                Headers.role(node.getRole()),
                node.getAppliedIndex(),
                node.getSoftwareVersion());
    }

    private static Topology.Replica replica(Replica replica) {
        return new Topology.Replica(
                replica.getReplicaId(),
                replica.getZone(),
                replica.getClientAddress(),
                switch (replica.getState()) {
                    case REPLICA_STATE_JOINING -> ReplicaState.JOINING;
                    case REPLICA_STATE_SERVING -> ReplicaState.SERVING;
                    case REPLICA_STATE_DRAINING -> ReplicaState.DRAINING;
                    case REPLICA_STATE_DRAINED -> ReplicaState.DRAINED;
                    case REPLICA_STATE_LOST -> ReplicaState.LOST;
                    case REPLICA_STATE_UNSPECIFIED, UNRECOGNIZED -> ReplicaState.UNKNOWN;
                },
                count(replica.getPlaced()),
                count(replica.getServing()),
                replica.getAppliedIndex(),
                replica.hasStaleness() ? Headers.duration(replica.getStaleness()) : null,
                replica.getSoftwareVersion());
    }

    private static int count(ShardSet shards) {
        return shards.getRangesList().stream()
                .mapToInt(range -> range.getLast() - range.getFirst() + 1)
                .sum();
    }

    public static ServerStatus status(GetStatusResponse status) {
        StoreStatus store = status.getStore();
        return new ServerStatus(
                status.getServerId(),
                status.getZone(),
                status.getSoftwareVersion(),
                Headers.duration(status.getUptime()),
                status.getNotReadyList().stream()
                        .map(one -> new ServerStatus.NotReady(one.getCheck(), one.getReason()))
                        .toList(),
                status.getHeader().getAppliedIndex(),
                status.getHorizon(),
                status.getCheckpointIndex(),
                new ServerStatus.Store(
                        store.getRowCount(),
                        store.getLiveBytes(),
                        store.getHistoryBytes(),
                        store.getDiskBytes(),
                        store.getDiskFreeBytes()),
                status.getAlarmsList().stream()
                        .map(alarm -> new ServerStatus.Alarm(
                                alarm.getKind().name().replace("ALARM_KIND_", ""),
                                alarm.getMessage(),
                                Headers.instant(alarm.getSince()),
                                alarm.getSubjectMap()))
                        .toList());
    }
}
