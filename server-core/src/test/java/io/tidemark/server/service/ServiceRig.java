// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.Workers;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.read.IndexWaiters;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.LocalTimes;
import io.tidemark.server.read.ReadCounts;
import io.tidemark.server.read.ReadErrors;
import io.tidemark.server.read.ReadGate;
import io.tidemark.server.read.StoreRig;
import io.tidemark.server.time.SystemTimers;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.server.write.Writes;
import io.tidemark.store.state.Store;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Both services over a real server and a real store, beside a leader that is there or not. */
final class ServiceRig implements AutoCloseable {

    static final TopologyVersion FIRST = TopologyVersion.newBuilder()
            .setHistoryId(StoreRig.HISTORY.text())
            .setTerm(1)
            .setEpoch(1)
            .build();

    /** Proves at once what the store has applied, while there is a leader. */
    private final class LeaderFreshness implements Freshness {
        private final Proofs proofs = new Proofs();

        @Override
        public Proofs proofs() {
            return proofs;
        }

        @Override
        public CompletableFuture<Proof> prove() {
            if (!leader) {
                return CompletableFuture.failedFuture(
                        ErrorStatus.of(ErrorReason.ERROR_REASON_NO_LEADER, "no leader is known")
                                .toException());
            }
            Proof proof = new Proof(Ticker.system().now(), rig.store().appliedIndex());
            proofs.add(proof);
            return CompletableFuture.completedFuture(proof);
        }

        @Override
        public Behind behind() {
            return Behind.BEHIND_NETWORK;
        }
    }

    private static final class ManualTopologies implements Topologies {
        private final List<Consumer<Topology>> listeners = new CopyOnWriteArrayList<>();
        private volatile Topology current =
                Topology.newBuilder().setVersion(FIRST).build();

        @Override
        public Topology current() {
            return current;
        }

        @Override
        public Registration listen(Consumer<Topology> listener) {
            listeners.add(listener);
            return () -> listeners.remove(listener);
        }
    }

    private static final Answerer ANSWERER = new Answerer() {
        @Override
        public String serverId() {
            return "n1";
        }

        @Override
        public ServerRole role() {
            return ServerRole.SERVER_ROLE_LEADER;
        }

        @Override
        public long term() {
            return 7;
        }

        @Override
        public TopologyVersion topologyVersion() {
            return FIRST.toBuilder().clearHistoryId().build();
        }
    };

    private final StoreRig rig;
    private final ManualTopologies topologies = new ManualTopologies();
    private final SystemTimers system = new SystemTimers("timers-test");
    private final Map<Duration, Integer> pending = new ConcurrentHashMap<>();
    private final Timers timers = this::after;
    private final RequestLimits limits;
    private final Workers workers = new Workers("workers-test", 2, 100);
    private final KeyValueService service;
    private final Server server;
    private final ManagedChannel channel;
    private volatile boolean leader = true;

    ServiceRig(Path directory) {
        this(directory, RequestLimits.defaults());
    }

    ServiceRig(Path directory, RequestLimits limits) {
        this.limits = limits;
        rig = new StoreRig(directory);
        Store store = rig.store();
        IndexWaiters waiters = new IndexWaiters(store::appliedIndex, Runnable::run);
        store.addListener(waiters::advanced);
        LeaderFreshness freshness = new LeaderFreshness();
        ReadErrors errors = new ReadErrors(store, freshness, Ticker.system(), "n1", store::horizon);
        ReadGate gate = new ReadGate(
                store,
                freshness,
                waiters,
                Ticker.system(),
                timers,
                errors,
                new LocalTimes(store, waiters),
                new ReadCounts());
        LocalState local = new LocalState(store, waiters, gate);
        Headers headers = new Headers(ANSWERER);
        Writes noWrites = (Writes) Proxy.newProxyInstance(
                Writes.class.getClassLoader(), new Class<?>[] {Writes.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("planted: " + method.getName());
                });
        Watcher noWatches = (request, caller) -> {
            throw new IllegalStateException("planted: watch");
        };
        service = new KeyValueService(() -> local, headers, limits, workers, timers, noWrites, noWatches);
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .directExecutor()
                    .addService(new KeyValueService(() -> local, headers, limits, workers, timers, noWrites, noWatches))
                    .addService(new ClusterService(
                            () -> local, ANSWERER, headers, limits, workers, timers, noWrites, topologies))
                    .build()
                    .start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    KeyValueService service() {
        return service;
    }

    StoreRig data() {
        return rig;
    }

    KeyValueGrpc.KeyValueBlockingStub keyValue() {
        return KeyValueGrpc.newBlockingStub(channel);
    }

    KeyValueGrpc.KeyValueStub keyValueAsync() {
        return KeyValueGrpc.newStub(channel);
    }

    ClusterGrpc.ClusterBlockingStub cluster() {
        return ClusterGrpc.newBlockingStub(channel);
    }

    ClusterGrpc.ClusterStub clusterAsync() {
        return ClusterGrpc.newStub(channel);
    }

    int pendingTimers() {
        return system.pendingCalls();
    }

    /** Those that were set for so long. */
    int pendingTimers(Duration delay) {
        return pending.getOrDefault(delay, 0);
    }

    private Timers.Pending after(Duration delay, Runnable call) {
        AtomicBoolean over = new AtomicBoolean();
        Runnable end = () -> {
            if (over.compareAndSet(false, true)) {
                pending.merge(delay, -1, Integer::sum);
            }
        };
        pending.merge(delay, 1, Integer::sum);
        Timers.Pending made = system.after(delay, () -> {
            call.run();
            end.run();
        });
        return () -> {
            made.cancel();
            end.run();
        };
    }

    RequestLimits limits() {
        return limits;
    }

    int topologyListeners() {
        return topologies.listeners.size();
    }

    void loseLeader() {
        leader = false;
    }

    void changeTopology(long epoch) {
        Topology changed = Topology.newBuilder()
                .setVersion(FIRST.toBuilder().setEpoch(epoch))
                .build();
        topologies.current = changed;
        topologies.listeners.forEach(listener -> listener.accept(changed));
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
        workers.close();
        system.close();
        rig.close();
    }
}
