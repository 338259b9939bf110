// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import io.tidemark.proto.v1.ChangeSubscription;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.FeedProbe;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.GrantCredit;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.ProbeReach;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.watch.WatchedStore;
import io.tidemark.store.Shards;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A store with sessions, whose turns, time, disk and leadership are a test's. */
final class FeedRig implements AutoCloseable {

    static final String CLUSTER = "c1";
    static final int SHARDS = 16;
    static final long ENOUGH = 1L << 40;
    static final Duration SILENCE = Duration.ofSeconds(1);
    static final Duration STALL = Duration.ofSeconds(30);
    static final Duration PROBE_MAX = Duration.ofSeconds(3);
    static final Shards ALL = Shards.all(SHARDS);

    final ManualTime time = new ManualTime();
    final WatchedStore rig;
    final Deque<Runnable> disk = new ArrayDeque<>();
    /** Confirmations that nobody has answered. */
    final List<CompletableFuture<ReadIndex>> confirmations = new ArrayList<>();

    final FeedCounts counts = new FeedCounts();
    final Upstream upstream;
    boolean diskIsQuick = true;
    Topology topology = Topology.getDefaultInstance();

    FeedRig(long recentBytesMax, int messageBytes) {
        this.rig = new WatchedStore(WatchedStore.HISTORY, recentBytesMax, SHARDS);
        this.upstream = new Upstream(
                "n1",
                () -> CLUSTER,
                rig::store,
                () -> {
                    CompletableFuture<ReadIndex> confirmation = new CompletableFuture<>();
                    confirmations.add(confirmation);
                    return confirmation;
                },
                () -> topology,
                new FeedOptions(10, messageBytes, SILENCE, STALL, PROBE_MAX, 4, 3, Duration.ofMillis(50)),
                time,
                time,
                disk::add,
                counts);
    }

    Store store() {
        return rig.store();
    }

    static Topology topology(long epoch) {
        return Topology.newBuilder()
                .setVersion(TopologyVersion.newBuilder()
                        .setHistoryId(WatchedStore.HISTORY.text())
                        .setTerm(1)
                        .setEpoch(epoch))
                .addNodes(Node.newBuilder().setNodeId("n1").setInternalAddress("one:7401"))
                .addNodes(Node.newBuilder().setNodeId("n2").setInternalAddress("two:7401"))
                .build();
    }

    /** Answers all who asked for leadership by what is applied now. */
    void confirm() {
        List<CompletableFuture<ReadIndex>> asked = List.copyOf(confirmations);
        confirmations.clear();
        long index = store().appliedIndex();
        asked.forEach(one -> one.complete(new ReadIndex(index, 7)));
    }

    Stream stream() {
        return new Stream();
    }

    static FeedHello.Builder hello() {
        return FeedHello.newBuilder()
                .setSubscriberId("r1")
                .setIncarnationId("i1")
                .setClusterId(CLUSTER)
                .setHistoryId(WatchedStore.HISTORY.text())
                .addFeedVersions(1)
                .setHeldShards(ALL.toProto())
                .setInitialCreditBytes(ENOUGH);
    }

    /** One subscriber's. */
    final class Stream implements SessionListener {
        final FakeLink link = new FakeLink();
        final Deque<Runnable> inbox = new ArrayDeque<>();
        final FeedSession session = new FeedSession(upstream, link, this, inbox::add);
        final List<SubscriberHeartbeat> heartbeats = new ArrayList<>();
        int begun;
        int heard;
        int ended;

        Stream() {
            session.open();
        }

        /** Turns, until there is nothing more to do; and the disk's work, if that is quick. */
        Stream run() {
            boolean more;
            do {
                for (Runnable step = inbox.poll(); step != null; step = inbox.poll()) {
                    step.run();
                }
                more = session.advance();
                if (diskIsQuick) {
                    runDisk();
                }
            } while (more || !inbox.isEmpty());
            return this;
        }

        Stream send(FeedRequest.Builder request) {
            session.received(request.build());
            return run();
        }

        Stream hello(FeedHello.Builder hello) {
            return send(FeedRequest.newBuilder().setHello(hello));
        }

        Stream probe(long id) {
            return send(FeedRequest.newBuilder()
                    .setProbe(FeedProbe.newBuilder().setProbeId(id).setReach(ProbeReach.PROBE_REACH_LEADER)));
        }

        Stream grant(long bytes) {
            return send(FeedRequest.newBuilder()
                    .setGrantCredit(GrantCredit.newBuilder().setCreditBytes(bytes)));
        }

        Stream change(ChangeSubscription.Builder change) {
            return send(FeedRequest.newBuilder().setChangeSubscription(change));
        }

        Stream change(long version, Shards add, Shards remove) {
            return change(ChangeSubscription.newBuilder()
                    .setSubscriptionVersion(version)
                    .setAdd(add.toProto())
                    .setRemove(remove.toProto()));
        }

        @Override
        public void begun(FeedHello hello) {
            begun++;
        }

        @Override
        public void heard() {
            heard++;
        }

        @Override
        public void heard(SubscriberHeartbeat report) {
            heartbeats.add(report);
        }

        @Override
        public void ended() {
            ended++;
        }
    }

    void runDisk() {
        for (Runnable work = disk.poll(); work != null; work = disk.poll()) {
            work.run();
        }
    }

    @Override
    public void close() {
        rig.close();
    }
}
