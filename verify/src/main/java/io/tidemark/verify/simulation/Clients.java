// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import com.google.protobuf.ByteString;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ProtoTimes;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WhenUnmet;
import io.tidemark.verify.simulation.Cluster.ReplicaHost;
import io.tidemark.verify.simulation.Links.Port;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Those who read and write. Each has a machine of its own, and a session: what it reads never goes back. */
final class Clients {

    private static final Duration WRITE_MAX = Duration.ofSeconds(4);
    private static final Duration READ_MAX = Duration.ofSeconds(4);
    private static final Duration WAIT = Duration.ofSeconds(1);
    private static final List<Duration> BOUNDS =
            List.of(Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofMillis(500), Duration.ofSeconds(2));
    private static final int CLIENTS = 16;
    private static final int KNOWING_PERCENT = 80;

    private final Cluster cluster;
    private final List<Client> clients = new ArrayList<>();
    private final Map<String, Long> outcomes = new TreeMap<>();
    private long values;
    private boolean stopped;

    Clients(Cluster cluster) {
        this.cluster = cluster;
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new Client("c" + (i + 1), cluster.setup().zone(i)));
        }
    }

    void start() {
        clients.forEach(Client::start);
    }

    /** Nobody asks for anything more. */
    void stop() {
        stopped = true;
    }

    /** How reads and writes ended, by what they were. */
    Map<String, Long> outcomes() {
        return outcomes;
    }

    private void count(String outcome) {
        outcomes.merge(outcome, 1L, Long::sum);
    }

    private final class Client {
        private final Machine machine;
        private final Machine.Lane lane;
        private final Random chance;
        private long seen;

        Client(String id, String zone) {
            machine = new Machine(cluster.world(), id);
            machine.boot();
            lane = machine.lane("client");
            chance = cluster.world().chance("client " + id);
            cluster.links().place(id, zone);
        }

        void start() {
            writeLater();
            readLater();
        }

        private Duration pause(double perSecond) {
            return Duration.ofNanos((long) (-Math.log(1 - chance.nextDouble()) * CLIENTS / perSecond * 1e9));
        }

        private void writeLater() {
            lane.after(pause(cluster.setup().writesPerSecond()), () -> {
                if (!stopped) {
                    write();
                    writeLater();
                }
            });
        }

        private void write() {
            values++;
            PutRequest request = PutRequest.newBuilder()
                    .setTable(Setup.TABLE)
                    .setKey(cluster.setup().key(chance.nextInt(cluster.setup().keys())))
                    .setValue(Value.newBuilder()
                            .setBytes(ByteString.copyFromUtf8(Setup.value(values)))
                            .setContentType("text/plain"))
                    .build();
            List<String> nodes = cluster.nodeAddresses();
            String node = nodes.get(chance.nextInt(nodes.size()));
            CompletableFuture<Void> unused = cluster.<PutRequest, PutResponse>callNode(
                            lane,
                            node,
                            Port.CLIENT,
                            WRITE_MAX,
                            request,
                            (process, asked, caller) -> process.put(asked, true, caller))
                    .handle((answer, failure) -> {
                        count(failure == null ? "write acknowledged" : "write not acknowledged");
                        if (failure == null) {
                            seen = Math.max(seen, answer.getIndex());
                        }
                        return null;
                    });
        }

        private void readLater() {
            double rate = cluster.setup().readsPerReplica() * cluster.setup().replicas();
            lane.after(pause(rate), () -> {
                if (!stopped) {
                    read();
                    readLater();
                }
            });
        }

        private void read() {
            String key = cluster.setup().key(chance.nextInt(cluster.setup().keys()));
            long session = seen;
            ReadOptions.Builder options =
                    ReadOptions.newBuilder().setMinIndex(session).setMaxWait(ProtoTimes.duration(WAIT));
            String kind = "session";
            if (chance.nextDouble() < cluster.setup().boundedPart()) {
                if (chance.nextInt(4) == 0) {
                    options.setStrength(Strength.STRENGTH_LINEARIZABLE);
                    kind = "linearizable";
                } else {
                    options.setMaxStaleness(ProtoTimes.duration(BOUNDS.get(chance.nextInt(BOUNDS.size()))));
                    kind = "bounded";
                }
            } else {
                options.setStrength(Strength.STRENGTH_EVENTUAL);
            }
            options.setWhenUnmet(chance.nextBoolean() ? WhenUnmet.WHEN_UNMET_FAIL : WhenUnmet.WHEN_UNMET_SERVE);
            GetRequest request = GetRequest.newBuilder()
                    .setTable(Setup.TABLE)
                    .setKey(key)
                    .setValueForm(ValueForm.VALUE_FORM_BYTES)
                    .setReadOptions(options)
                    .build();
            String name = kind;
            CompletableFuture<Void> unused = send(key, request).handle((answer, failure) -> {
                if (failure != null) {
                    count(name + " failed: " + reason(failure));
                } else {
                    count(name + (answer.getHeader().hasUnmet() ? " served unmet" : " met"));
                    answered(key, session, answer);
                }
                return null;
            });
        }

        private CompletableFuture<GetResponse> send(String key, GetRequest request) {
            List<ReplicaHost> all =
                    cluster.replicas().stream().filter(host -> !host.isGone()).toList();
            if (all.isEmpty() || chance.nextInt(20) == 0) {
                List<String> nodes = cluster.nodeAddresses();
                return cluster.callNode(
                        lane,
                        nodes.get(chance.nextInt(nodes.size())),
                        Port.CLIENT,
                        READ_MAX,
                        request,
                        SimulatedNode::get);
            }
            int shard = ShardHash.shardOf(Setup.TABLE, key, cluster.setup().shardCount());
            List<ReplicaHost> serving = all.stream()
                    .filter(host -> {
                        SimulatedReplica process = host.process();
                        return process != null && process.subscriber().serving().contains(shard);
                    })
                    .toList();
            List<ReplicaHost> among = serving.isEmpty() || chance.nextInt(100) >= KNOWING_PERCENT ? all : serving;
            return cluster.callReplica(
                    lane,
                    among.get(chance.nextInt(among.size())),
                    Port.CLIENT,
                    READ_MAX,
                    request,
                    (process, asked, caller) -> process.get(asked, true, caller));
        }

        private void answered(String key, long session, GetResponse answer) {
            long index = answer.getHeader().getReadIndex();
            if (index < session && !answer.getHeader().hasUnmet()) {
                cluster.world()
                        .violation("client " + machine.id() + " read " + key + " at " + index + " from "
                                + answer.getHeader().getServedBy() + " (expected: at least " + session
                                + ", which its session had seen)");
            }
            seen = Math.max(seen, index);
        }

        private String reason(Throwable failure) {
            return ErrorStatus.from(failure)
                    .map(error -> error.reason().name().replace("ERROR_REASON_", ""))
                    .orElse("no answer");
        }
    }
}
