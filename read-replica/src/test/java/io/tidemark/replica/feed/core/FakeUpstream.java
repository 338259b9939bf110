// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.BootstrapEnd;
import io.tidemark.proto.v1.BootstrapRequest;
import io.tidemark.proto.v1.BootstrapResponse;
import io.tidemark.proto.v1.BootstrapRows;
import io.tidemark.proto.v1.BootstrapStart;
import io.tidemark.proto.v1.DigestDetail;
import io.tidemark.proto.v1.DigestsAt;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.FeedCommits;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.FeedProbe;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FeedWelcome;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.ProbeFailure;
import io.tidemark.proto.v1.ProbeProof;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.proto.v1.ShardRelease;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.SubscriptionChanged;
import io.tidemark.proto.v1.Through;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyNotice;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.copy.RowChunks;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.feed.FeedRead;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One cluster's nodes, all with one store, as {@code replication.proto} has them. Nothing moves until it is told to. */
final class FakeUpstream implements Network {

    static final String CLUSTER = "c1";

    /** What is under way to the replica, in order. */
    private final Deque<Runnable> underWay = new ArrayDeque<>();

    final List<Feed> feeds = new ArrayList<>();
    final List<Copy> copies = new ArrayList<>();
    final List<FeedProbe> probesHeld = new ArrayList<>();
    final List<Node> nodes = new ArrayList<>();
    Store store;
    String clusterId = CLUSTER;
    boolean reachable = true;
    boolean holdsProbes;
    boolean leaderless;
    Shards resumes = Shards.all(1 << 16);
    boolean copiesBreakOff;
    int messagesBeforeTheyDo = 2;
    boolean copiesFallSilent;
    boolean overloaded;
    final Set<String> gone = new HashSet<>();
    final Set<String> wrongDigestsOf = new HashSet<>();
    long wrongVersionBy;

    /** Comes between the state that a copy is of and its first message. */
    Runnable whenCopyAsked = () -> {};

    /** Comes between a copy's last rows and its end. */
    Runnable whenCopyEnds = () -> {};

    FakeUpstream(Store store) {
        this.store = store;
    }

    /** Lets everything that is under way arrive, and what comes of it. */
    void deliver() {
        for (Runnable next = underWay.poll(); next != null; next = underWay.poll()) {
            next.run();
        }
    }

    Topology placing(FeedHello hello, long epoch, Shards placed, Shards released) {
        return Topology.newBuilder()
                .setVersion(TopologyVersion.newBuilder()
                        .setHistoryId(store.history().text())
                        .setTerm(3)
                        .setEpoch(epoch))
                .setClusterId(clusterId)
                .setShardCount(store.shardCount())
                .addAllNodes(nodes)
                .addReplicas(Replica.newBuilder()
                        .setReplicaId(hello.getSubscriberId())
                        .setState(ReplicaState.REPLICA_STATE_SERVING)
                        .setPlaced(placed.toProto())
                        .setRelease(ShardRelease.newBuilder()
                                .setIncarnationId(hello.getIncarnationId())
                                .setTerm(3)
                                .setNumber(epoch)
                                .setShards(released.toProto())))
                .build();
    }

    Feed feed() {
        return feeds.get(feeds.size() - 1);
    }

    @Override
    public FeedStream openFeed(String address, FeedListener listener) {
        Feed feed = new Feed(address, listener);
        feeds.add(feed);
        return feed;
    }

    @Override
    public CopyStream openCopy(String address, BootstrapRequest request, CopyListener listener) {
        Copy copy = new Copy(address, request, listener);
        copies.add(copy);
        return copy;
    }

    @Override
    public void askTopology(String address, Consumer<Optional<Topology>> answer) {
        underWay.add(() -> answer.accept(
                reachable
                        ? Optional.of(Topology.newBuilder()
                                .setClusterId(clusterId)
                                .addAllNodes(nodes)
                                .build())
                        : Optional.empty()));
    }

    @Override
    public void askDigests(
            String address, FetchDigestsRequest request, Consumer<Optional<FetchDigestsResponse>> answer) {
        Optional<FetchDigestsResponse> found = (request.hasIndex()
                        ? store.digestsAt(request.getIndex())
                        : store.newestDigests())
                .map(kept -> FetchDigestsResponse.newBuilder()
                        .setIndex(kept.index())
                        .setDigestVersion(RowHasher.VERSION)
                        .addAllDigests(Digests.ofShards(
                                kept, Shards.of(request.getShards(), store.shardCount()), request.getDetail()))
                        .build());
        underWay.add(() -> answer.accept(reachable ? found : Optional.empty()));
    }

    final class Feed implements FeedStream {
        final String address;
        final FeedListener listener;
        final List<FeedRequest> requests = new ArrayList<>();
        final List<SubscriberHeartbeat> heartbeats = new ArrayList<>();
        boolean closed;
        boolean finished;
        long credited;
        Shards subscribed = Shards.NONE;
        long version;
        long sent;

        Feed(String address, FeedListener listener) {
            this.address = address;
            this.listener = listener;
        }

        FeedHello hello() {
            return requests.get(0).getHello();
        }

        @Override
        public void send(FeedRequest request) {
            requests.add(request);
            switch (request.getMessageCase()) {
                case HELLO -> {
                    if (!reachable || gone.contains(address)) {
                        end(Optional.empty(), "connection refused");
                    } else {
                        welcome(request.getHello());
                    }
                }
                case CHANGE_SUBSCRIPTION -> {
                    var change = request.getChangeSubscription();
                    int count = store.shardCount();
                    subscribed = subscribed
                            .minus(Shards.of(change.getRemove(), count))
                            .plus(Shards.of(change.getAdd(), count));
                    version = change.getSubscriptionVersion();
                    say(FeedResponse.newBuilder()
                            .setSubscriptionChanged(SubscriptionChanged.newBuilder()
                                    .setSubscriptionVersion(version)
                                    .setFromIndex(sent + 1)
                                    .setShards(subscribed.toProto())));
                }
                case PROBE -> {
                    if (holdsProbes) {
                        probesHeld.add(request.getProbe());
                    } else {
                        answer(request.getProbe());
                    }
                }
                case HEARTBEAT -> heartbeats.add(request.getHeartbeat());
                case GRANT_CREDIT -> credited += request.getGrantCredit().getCreditBytes();
                case MESSAGE_NOT_SET -> throw new AssertionError(request);
            }
        }

        private void welcome(FeedHello hello) {
            FeedWelcome.Builder welcome = FeedWelcome.newBuilder()
                    .setUpstreamId("n@" + address)
                    .setClusterId(clusterId)
                    .setHistoryId(store.history().text())
                    .setFeedVersion(1)
                    .setShardCount(store.shardCount())
                    .setAppliedIndex(store.appliedIndex())
                    .setHorizon(store.horizon());
            boolean empty = !hello.hasHistoryId();
            if (!empty && !hello.getHistoryId().equals(store.history().text())) {
                end(Optional.of(ErrorReason.ERROR_REASON_HISTORY_CHANGED), "another history");
                return;
            }
            if (empty || hello.getAppliedIndex() < store.horizon()) {
                welcome.setStart(store.replicaBirth().toFeedStart());
                sent = store.appliedIndex();
            } else {
                Shards held = Shards.of(hello.getHeldShards(), store.shardCount());
                subscribed = held.minus(held.minus(resumes));
                welcome.setResumableShards(subscribed.toProto());
                sent = hello.getAppliedIndex();
            }
            say(FeedResponse.newBuilder().setWelcome(welcome));
        }

        /** Sends what was committed since, and how far the silence reaches. */
        void feedAll() {
            while (sent < store.appliedIndex()) {
                FeedRead read = store.feed().read(sent, 1 << 20);
                FeedCommits.Builder commits = FeedCommits.newBuilder();
                for (CommitEffects effects : read.commits()) {
                    FeedCommit commit = effects.forShards(subscribed);
                    if (commit != null) {
                        commits.addCommits(commit);
                    }
                }
                if (commits.getCommitsCount() > 0) {
                    say(FeedResponse.newBuilder().setCommits(commits));
                }
                sent = read.through();
            }
            through(sent, version);
        }

        /** Sends one commit, and no word of how far that reaches. */
        void feedNext() {
            FeedRead read = store.feed().read(sent, 1);
            for (CommitEffects effects :
                    read.commits().subList(0, Math.min(1, read.commits().size()))) {
                FeedCommit commit = effects.forShards(subscribed);
                if (commit != null) {
                    say(FeedResponse.newBuilder()
                            .setCommits(FeedCommits.newBuilder().addCommits(commit)));
                }
                sent = effects.index();
            }
        }

        /** As where nothing is written: of the newest index. */
        void digests() {
            feedAll();
            store.keepDigests();
            store.newestDigests()
                    .ifPresent(kept -> say(FeedResponse.newBuilder()
                            .setDigests(DigestsAt.newBuilder()
                                    .setIndex(kept.index())
                                    .setDigestVersion(RowHasher.VERSION)
                                    .addAllDigests(
                                            Digests.ofShards(kept, subscribed, DigestDetail.DIGEST_DETAIL_SHARDS)))));
        }

        void through(long index, long ofVersion) {
            say(FeedResponse.newBuilder()
                    .setThrough(Through.newBuilder()
                            .setThroughIndex(index)
                            .setThroughTime(store.logTime().toTimestamp())
                            .setSubscriptionVersion(ofVersion)));
        }

        void answer(FeedProbe probe) {
            if (leaderless) {
                say(FeedResponse.newBuilder()
                        .setProbeAnswer(ProbeAnswer.newBuilder()
                                .setProbeId(probe.getProbeId())
                                .setSubscriptionVersion(version)
                                .setFailure(ProbeFailure.PROBE_FAILURE_NO_LEADER)));
                return;
            }
            feedAll();
            answer(probe.getProbeId(), sent, version + wrongVersionBy);
        }

        void answer(long probeId, long covered, long ofVersion) {
            say(FeedResponse.newBuilder()
                    .setProbeAnswer(ProbeAnswer.newBuilder()
                            .setProbeId(probeId)
                            .setSubscriptionVersion(ofVersion)
                            .setTerm(3)
                            .setProof(ProbeProof.newBuilder()
                                    .setCoveredIndex(covered)
                                    .setLeaderConfirmed(ProbeProof.LeaderConfirmed.getDefaultInstance()))));
        }

        void say(FeedResponse.Builder message) {
            FeedResponse built = message.build();
            underWay.add(() -> {
                if (!closed) {
                    listener.received(List.of(built));
                }
            });
        }

        /** Another topology, in which the replica stands so. */
        void place(long epoch, Shards placed, Shards released) {
            say(FeedResponse.newBuilder()
                    .setTopology(TopologyNotice.newBuilder()
                            .setTopology(FakeUpstream.this.placing(hello(), epoch, placed, released))));
        }

        @Override
        public void finish() {
            finished = true;
            end(Optional.empty(), "it ended the stream");
        }

        void end(Optional<ErrorReason> reason, String why) {
            underWay.add(() -> {
                if (!closed) {
                    listener.ended(new StreamEnd(reason, why));
                }
            });
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    final class Copy implements CopyStream {
        final String address;
        final BootstrapRequest request;
        final CopyListener listener;
        boolean closed;
        long index;
        long count;

        @Nullable RowName after;

        private final Deque<RowChunk> chunks = new ArrayDeque<>();
        private final List<ShardDigest> digests = new ArrayList<>();
        private int said;

        Copy(String address, BootstrapRequest request, CopyListener listener) {
            this.address = address;
            this.request = request;
            this.listener = listener;
            this.index = store.appliedIndex();
            whenCopyAsked.run();
            underWay.add(this::begin);
        }

        private void begin() {
            if (closed || !reachable || gone.contains(address)) {
                say(null, "connection refused");
                return;
            }
            if (overloaded) {
                end(new StreamEnd(
                        Optional.of(ErrorReason.ERROR_REASON_OVERLOADED),
                        "4 copies of shards under way",
                        Optional.of(Duration.ofSeconds(10))));
                return;
            }
            RowName from = null;
            if (request.hasResumeToken()) {
                String[] token = request.getResumeToken().split("/", 3);
                index = Long.parseLong(token[0]);
                from = new RowName(token[1], token[2]);
            }
            Shards asked = Shards.of(request.getShards(), store.shardCount());
            if (index == store.appliedIndex()) {
                digests.addAll(Digests.ofShards(store.digests(), asked, DigestDetail.DIGEST_DETAIL_SHARDS));
            }
            try (StoreView view = store.viewAt(index);
                    RowChunks cut = store.copy(view, asked, null, 64, 10)) {
                for (RowChunk chunk = cut.next(); chunk != null; chunk = cut.next()) {
                    count += chunk.rowCount();
                    if (from == null || chunk.through().compareTo(from) > 0) {
                        chunks.add(chunk);
                    }
                }
            }
            say(
                    BootstrapResponse.newBuilder()
                            .setStart(BootstrapStart.newBuilder()
                                    .setHistoryId(store.history().text())
                                    .setIndex(index)
                                    .setEstimatedRows(count))
                            .build(),
                    "");
        }

        @Override
        public void next() {
            said++;
            RowChunk chunk = chunks.poll();
            if (copiesBreakOff && said > messagesBeforeTheyDo) {
                if (!copiesFallSilent) {
                    say(null, "broke off");
                }
            } else if (chunk != null) {
                BootstrapRows.Builder rows = BootstrapRows.newBuilder()
                        .setRows(chunk.rows())
                        .setRowsCrc32C(chunk.crc32c())
                        .setThrough(key(chunk.through()))
                        .setResumeToken(index + "/" + chunk.through().table() + "/"
                                + chunk.through().key());
                RowName behind = chunk.after();
                if (behind != null) {
                    rows.setAfter(key(behind));
                }
                say(BootstrapResponse.newBuilder().setRows(rows).build(), "");
            } else {
                whenCopyEnds.run();
                say(BootstrapResponse.newBuilder().setEnd(end()).build(), "");
                say(null, "it ended the stream");
            }
        }

        /** Of an index that has passed there are no digests here. */
        private BootstrapEnd end() {
            BootstrapEnd.Builder end = BootstrapEnd.newBuilder().setRowCount(count);
            if (digests.isEmpty()) {
                return end.build();
            }
            if (wrongDigestsOf.contains(address)) {
                digests.set(
                        0,
                        digests.get(0).toBuilder()
                                .setDigest(ByteString.copyFromUtf8("something else.."))
                                .build());
            }
            return end.setDigestVersion(RowHasher.VERSION)
                    .addAllDigests(digests)
                    .build();
        }

        private void say(@Nullable BootstrapResponse message, String end) {
            if (message == null) {
                end(new StreamEnd(Optional.empty(), end));
                return;
            }
            underWay.add(() -> {
                if (!closed) {
                    listener.received(message);
                }
            });
        }

        private void end(StreamEnd end) {
            underWay.add(() -> {
                if (!closed) {
                    closed = true;
                    listener.ended(end);
                }
            });
        }

        private static RowKey key(RowName name) {
            return RowKey.newBuilder().setTable(name.table()).setKey(name.key()).build();
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
