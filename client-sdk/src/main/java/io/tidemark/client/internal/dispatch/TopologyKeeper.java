// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.tidemark.client.internal.channel.Endpoint;
import io.tidemark.client.internal.channel.Seeds;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.routing.RoutingTable;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.client.internal.routing.TableMaker;
import io.tidemark.client.internal.time.Timers;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.proto.v1.WatchTopologyRequest;
import io.tidemark.proto.v1.WatchTopologyResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the routing table up to date: watches the topology at one server, at another when that ends, for ever. A server whose answers
 * name a newer topology is watched instead, since it has what ours has not. While no server can be reached, the names of the seeds are
 * looked up again, for others may stand behind them now.
 *
 * <p>Guarded by itself; listeners are told outside, one topology after the other.
 */
final class TopologyKeeper {

    private static final Logger log = LoggerFactory.getLogger(TopologyKeeper.class);

    private static final long PAUSE_NANOS_MIN = 20_000_000;
    private static final long PAUSE_NANOS_MAX = 2_000_000_000;
    /** A watch that brings nothing by then is given up. */
    private static final long FIRST_MESSAGE_NANOS = 1_000_000_000;
    /** How often names may be looked up. */
    private static final long LOOKUP_NANOS_MIN = 1_000_000_000;

    private static final int SEEDS_CONNECTED_MAX = 8;

    private final Parts parts;
    private final Seeds seeds;
    private final TableMaker tables;
    private final Executor lookups;
    private final Consumer<Topology> accepted;

    private List<Server> seedServers = List.of();
    /** Seeds that are not in the topology are connected, for want of anybody else. */
    private boolean seedsStay;

    private volatile @Nullable Topology topology;
    private @Nullable Watch watch;
    private @Nullable TopologyVersion heardOf;
    private long pauseNanos = PAUSE_NANOS_MIN;
    private boolean pausing;
    /** How many names are being looked up. */
    private int lookingUp;
    /** What has been found of them. */
    private final Set<String> resolved = new LinkedHashSet<>();

    private boolean lookedUp;
    private long lookedUpNanos;
    private final List<Server> tried = new ArrayList<>();

    /**
     * @param lookups where names are looked up, which blocks
     * @param accepted is told of each topology that is taken, one after the other
     */
    TopologyKeeper(Parts parts, Seeds seeds, TableMaker tables, Executor lookups, Consumer<Topology> accepted) {
        this.parts = parts;
        this.seeds = seeds;
        this.tables = tables;
        this.lookups = lookups;
        this.accepted = accepted;
    }

    void begin() {
        lookUp();
    }

    @Nullable Topology topology() {
        return topology;
    }

    // Seeds.

    /** Each name by itself: one that takes its time does not keep the others. */
    private void lookUp() {
        synchronized (this) {
            long now = parts.ticker.nanoTime();
            if (lookingUp > 0 || parts.isClosed() || (lookedUp && now - lookedUpNanos < LOOKUP_NANOS_MIN)) {
                return;
            }
            lookingUp = seeds.count();
            resolved.clear();
        }
        for (int i = 0; i < seeds.count(); i++) {
            int number = i;
            lookups.execute(() -> {
                Set<String> found = Set.of();
                try {
                    found = seeds.resolve(number);
                } finally {
                    resolved(found);
                }
            });
        }
    }

    private void resolved(Set<String> found) {
        List<Endpoint> forgotten = List.of();
        synchronized (this) {
            lookingUp--;
            lookedUp = true;
            lookedUpNanos = parts.ticker.nanoTime();
            resolved.addAll(found);
            Set<String> addresses = new LinkedHashSet<>(resolved);
            if (lookingUp > 0 || resolved.isEmpty()) {
                // Others may still stand behind the names that are being looked up.
                seedServers.forEach(server -> addresses.add(server.address()));
            }
            if (!addresses.isEmpty() && !parts.isClosed()) {
                seedServers = addresses.stream()
                        .map(address -> parts.endpoints.of(address).server())
                        .toList();
                forgotten = route();
            }
        }
        forgotten.forEach(Endpoint::shutdown);
        goOn();
    }

    /**
     * The table by what is known now. Servers that are not in the topology are disconnected, seeds among them once any other is connected:
     * those are only asked, and connected to again, when all others fail. Returns whom to disconnect.
     */
    private List<Endpoint> route() {
        Topology known = topology;
        if (known == null) {
            parts.routes.replace(RoutingTable.ofSeeds(seedServers));
            Set<String> addresses = new HashSet<>();
            seedServers.forEach(server -> addresses.add(server.address()));
            return parts.endpoints.retain(addresses);
        }
        Set<String> addresses = new HashSet<>();
        known.getNodesList().forEach(node -> addresses.add(node.getClientAddress()));
        known.getReplicasList().forEach(replica -> addresses.add(replica.getClientAddress()));
        Set<String> retained = new HashSet<>(addresses);
        if (addresses.stream().noneMatch(this::isConnected)) {
            // The seeds may be all that can be reached from here.
            seedServers.forEach(server -> retained.add(server.address()));
        }
        seedsStay = retained.size() > addresses.size();
        List<Endpoint> forgotten = parts.endpoints.retain(retained);
        seedServers = seedServers.stream()
                .map(server -> parts.endpoints.of(server.address()).server())
                .toList();
        RoutingTable table = tables.make(known, seedServers);
        Server leader = parts.routes.table().leader();
        boolean unsaid = table.leader() == null && leader != null && addresses.contains(leader.address());
        parts.routes.replace(unsaid ? table.withLeader(leader) : table);
        return forgotten;
    }

    // Watching.

    private boolean isConnected(String address) {
        return parts.endpoints.of(address).server().isConnected();
    }

    /** A connection was made. */
    void connected() {
        boolean waiting;
        List<Endpoint> forgotten;
        synchronized (this) {
            forgotten = seedsStay ? route() : List.of();
            waiting = watch == null;
        }
        forgotten.forEach(Endpoint::shutdown);
        if (waiting) {
            goOn();
        }
    }

    /** Somebody acts by this topology. */
    void heardOf(TopologyVersion version, Server server) {
        Topology present = topology;
        // As nearly every answer says, and without a lock.
        if (present == null || !isNews(version, present.getVersion())) {
            return;
        }
        synchronized (this) {
            TopologyVersion before = heardOf;
            Watch now = watch;
            if (now != null && (now.server == server || (before != null && !isNews(version, before)))) {
                return;
            }
            heardOf = version;
        }
        // Our own watch, which may only be a moment behind, gets that moment.
        Timers.Pending unused =
                parts.timers.at(parts.ticker.nanoTime() + PAUSE_NANOS_MIN, () -> moveTo(version, server));
    }

    private void moveTo(TopologyVersion version, Server server) {
        Watch given;
        synchronized (this) {
            Topology known = topology;
            if (known == null || !isNews(version, known.getVersion())) {
                return;
            }
            given = watch;
            watch = null;
        }
        if (given != null) {
            given.end();
        }
        watch(server);
    }

    private void goOn() {
        Server server;
        synchronized (this) {
            if (watch != null || parts.isClosed()) {
                return;
            }
            server = parts.routes.choose(new Target.Anyone(), 0, tried, parts.ticker.nanoTime());
            if (server != null && tried.contains(server)) {
                // All have had their turn.
                tried.clear();
            }
            if (server != null && !server.isConnected()) {
                // Whoever answers first is watched: see connected().
                parts.routes.table().anyone().tiers().stream()
                        .flatMap(List::stream)
                        .limit(SEEDS_CONNECTED_MAX)
                        .forEach(Server::connect);
            }
        }
        if (server != null && server.isConnected()) {
            watch(server);
        } else {
            goOnLater();
        }
    }

    private void goOnLater() {
        synchronized (this) {
            if (pausing || parts.isClosed()) {
                return;
            }
            pausing = true;
            long pause = pauseNanos / 2 + parts.chance.get().nextLong(pauseNanos / 2);
            pauseNanos = Math.min(PAUSE_NANOS_MAX, pauseNanos * 2);
            Timers.Pending unused = parts.timers.at(parts.ticker.nanoTime() + pause, () -> {
                synchronized (this) {
                    pausing = false;
                }
                goOn();
            });
        }
        lookUp();
    }

    private void watch(Server server) {
        Watch made = new Watch(server);
        Topology known;
        synchronized (this) {
            if (watch != null || parts.isClosed()) {
                return;
            }
            watch = made;
            tried.add(server);
            known = topology;
        }
        made.begin(known);
    }

    private void received(Watch from, WatchTopologyResponse message) {
        Topology taken = message.getTopology();
        List<Endpoint> forgotten;
        synchronized (this) {
            if (from != watch) {
                return;
            }
            pauseNanos = PAUSE_NANOS_MIN;
            tried.clear();
            Topology known = topology;
            if (known != null && !isNews(taken.getVersion(), known.getVersion())) {
                return;
            }
            topology = taken;
            forgotten = route();
            // Last: what waits for an index goes by the new table.
            ResponseHeader header = message.getHeader();
            if (parts.known.enter(header.getHistoryId(), header.getAppliedIndex())) {
                parts.endpoints.historyChanged();
            }
        }
        forgotten.forEach(Endpoint::shutdown);
        log.debug("topology {} from {}", taken.getVersion(), from.server);
        accepted.accept(taken);
    }

    private void ended(Watch from, @Nullable AttemptFailure failure) {
        synchronized (this) {
            if (from != watch) {
                return;
            }
            watch = null;
        }
        if (failure != null) {
            parts.learn(failure, from.server);
        }
        goOnLater();
    }

    /** Whether a version is newer than another, or of another history. One without a history is none. */
    static boolean isNews(TopologyVersion version, TopologyVersion known) {
        if (!version.getHistoryId().equals(known.getHistoryId())) {
            return !version.getHistoryId().isEmpty();
        }
        return version.getTerm() > known.getTerm()
                || (version.getTerm() == known.getTerm() && version.getEpoch() > known.getEpoch());
    }

    /** One watch at one server. */
    private final class Watch extends ClientCall.Listener<WatchTopologyResponse> {

        private final Server server;
        private volatile @Nullable ClientCall<WatchTopologyRequest, WatchTopologyResponse> call;
        private volatile boolean heard;

        Watch(Server server) {
            this.server = server;
        }

        void begin(@Nullable Topology known) {
            ManagedChannel channel = parts.endpoint(server).channelOrNull();
            if (channel == null) {
                ended(this, null);
                return;
            }
            WatchTopologyRequest.Builder request = WatchTopologyRequest.newBuilder();
            if (known != null) {
                request.setKnownVersion(known.getVersion());
            }
            ClientCall<WatchTopologyRequest, WatchTopologyResponse> started =
                    channel.newCall(ClusterGrpc.getWatchTopologyMethod(), CallOptions.DEFAULT);
            call = started;
            started.start(this, new Metadata());
            started.request(Integer.MAX_VALUE);
            started.sendMessage(request.build());
            started.halfClose();
            if (known == null) {
                Timers.Pending unused = parts.timers.at(parts.ticker.nanoTime() + FIRST_MESSAGE_NANOS, () -> {
                    if (!heard) {
                        end();
                    }
                });
            }
        }

        void end() {
            ClientCall<WatchTopologyRequest, WatchTopologyResponse> started = call;
            if (started != null) {
                started.cancel("watching another server", null);
            }
        }

        @Override
        public void onMessage(WatchTopologyResponse message) {
            Topology told = message.getTopology();
            if (told.getVersion().getHistoryId().isEmpty() || told.getNodesCount() == 0) {
                // A server that has just begun, and knows nobody yet.
                return;
            }
            heard = true;
            received(this, message);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            ended(this, status.isOk() ? null : AttemptFailure.of(status, trailers, true));
        }
    }
}
