// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.DigestDetail;
import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.DigestsAt;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedGoodbye;
import io.tidemark.proto.v1.FeedGoodbyeReason;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FeedWelcome;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ShardBootstrap;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.ProtoTimes;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.Shards;
import io.tidemark.store.engine.EngineFullException;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreCheckpoint;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the cluster: finds an upstream, goes on where the store is, applies what comes, takes shards in and lets them go, proves how
 * fresh that is, and finds another upstream when this one is lost.
 *
 * <p>Of the feed's thread, but for {@link #serving}, {@link #proofs}, {@link #behind} and {@link #figures}, which any thread may ask.
 */
public final class Subscriber {

    private static final Logger LOG = LoggerFactory.getLogger(Subscriber.class);

    /** The versions of the feed that are spoken here. */
    private static final List<Integer> FEED_VERSIONS = List.of(1);

    private static final Duration DISK_RETRY = Duration.ofSeconds(1);
    private static final Duration DROP_PAUSE = Duration.ofMillis(5);
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int DOUBLINGS_MAX = 10;

    /**
     * What others are told of it.
     *
     * @param upstreamId empty: nobody feeds it
     * @param upstreamAddress of its internal port
     * @param waiting commits that have come and are not applied
     * @param clusterHorizon the oldest index that the cluster keeps, as far as it was told
     * @param connects how often a feed began
     * @param failedProbes probes that came to nothing
     * @param copies how copies ended
     * @param mismatchesFound how many there were
     * @param mismatches of each shard the last, unless it was found to agree since
     */
    public record Figures(
            String upstreamId,
            String upstreamAddress,
            long subscriptionVersion,
            int waiting,
            long clusterHorizon,
            List<ShardBootstrap> bootstraps,
            long connects,
            long failedProbes,
            CopyIn.Counts copies,
            long mismatchesFound,
            List<DigestMismatch> mismatches) {

        public long copied() {
            return copies.copied();
        }

        public long copiesBrokenOff() {
            return copies.brokenOff();
        }

        public long copiesDiffered() {
            return copies.differed();
        }
    }

    private final Self self;
    private final FeedOptions options;
    private final Network network;
    private final StoreHome home;
    private final OwnedShards owned;
    private final Load load;
    private final FeedEvents events;
    private final Ticker ticker;
    private final Timers timers;
    private final DoubleSupplier chance;
    private final Upstreams upstreams;
    private final Assignments assignments;
    private final Proofs proofs = new Proofs();
    private final Serving serving;
    private final Probes probes;
    private final CopyIn copyIn;
    private final DigestComparison comparison = new DigestComparison();

    private @Nullable FeedSession session;
    private String clientAddress = "";
    private String internalAddress = "";
    private String clusterId;
    private boolean startsAnew;
    private boolean diskFull;

    /** Whether there is room on the disk again; null: not tried. */
    private @Nullable CompletableFuture<StoreCheckpoint> roomTried;

    private boolean dropping;
    private boolean closed;
    private boolean withdrawn;
    private @Nullable Runnable whenParted;
    private int failures;
    private long connects;
    private long readsThen;
    private Moment beatThen;
    private volatile Behind behind = Behind.BEHIND_STARTING;
    private volatile Figures figures;
    private volatile long term;

    /**
     * Does nothing until it is started.
     *
     * @param seeds internal addresses of nodes to begin with
     * @param chance from 0 to 1, to spread replicas and their retries
     */
    public Subscriber(
            Self self,
            FeedOptions options,
            Collection<String> seeds,
            Network network,
            StoreHome home,
            OwnedShards owned,
            Load load,
            FeedEvents events,
            Ticker ticker,
            Timers timers,
            DoubleSupplier chance) {
        this.self = self;
        this.options = options;
        this.network = network;
        this.home = home;
        this.owned = owned;
        this.load = load;
        this.events = events;
        this.ticker = ticker;
        this.timers = timers;
        this.chance = chance;
        this.upstreams = new Upstreams(self.id(), seeds, self.zone(), chance);
        this.assignments = new Assignments(self.id(), self.incarnationId());
        this.serving = new Serving(proofs, this::servingChanged);
        this.probes = new Probes(options, ticker, timers, proofs, load::boundedReads);
        this.copyIn = new CopyIn(options, network, timers, new CopyFeed());
        this.clusterId = home.clusterId();
        this.beatThen = ticker.now();
        this.figures = new Figures("", "", 0, 0, 0, List.of(), 0, 0, copyIn.counts(), 0, List.of());
    }

    // For any thread.

    /** The shards that are served now. */
    public Shards serving() {
        return serving.shards();
    }

    public Proofs proofs() {
        return proofs;
    }

    /** Why no newer proof is here. */
    public Behind behind() {
        Behind known = behind;
        return known == Behind.BEHIND_NETWORK && figures.waiting() > 0 ? Behind.BEHIND_APPLY : known;
    }

    public Figures figures() {
        return figures;
    }

    /** The newest Raft term that an upstream has told of. */
    public long term() {
        return term;
    }

    // For the feed's thread.

    /**
     * Serves what is on the disk, and begins to follow.
     *
     * @param clientAt where clients reach this replica
     * @param internalAt where other servers do
     */
    public void start(String clientAt, String internalAt) {
        clientAddress = clientAt;
        internalAddress = internalAt;
        Store store = home.store();
        if (store != null) {
            copyIn.open(store);
            serving.restart(store);
            removeDropped();
        }
        connect();
        look();
        beat();
    }

    /** Tells the cluster that nobody is to be sent here any more. Calls under way go on being answered. */
    public void withdraw() {
        withdrawn = true;
        report();
    }

    /**
     * Parts from the upstream, once that has heard all that was said.
     *
     * @param parted called when it has, or when there is none
     */
    public void part(Runnable parted) {
        closed = true;
        FeedSession of = session;
        if (of == null || !of.isWelcomed()) {
            parted.run();
            return;
        }
        whenParted = parted;
        of.finish();
    }

    /** Leaves the upstream for good. */
    public void close() {
        closed = true;
        end("this replica is stopping");
        copyIn.abandon();
    }

    /** By a probe that is sent from now on, shared with all who ask meanwhile. */
    public void prove(ProofListener listener) {
        probes.prove(listener);
    }

    /** What the topology has become, however that was learned. One that is older than what is known is passed over. */
    public void learn(Topology topology) {
        note(topology);
        wantedChanged();
    }

    private void note(Topology topology) {
        Assignment before = assignments.current();
        if (!assignments.learn(topology)) {
            return;
        }
        upstreams.learn(topology);
        events.topology(topology);
        if (!assignments.current().equals(before)) {
            report();
        }
    }

    /** Other shards are wanted, or may be. */
    void wantedChanged() {
        FeedSession of = session;
        if (of != null) {
            guarded(of, this::settle);
        }
    }

    // Finding an upstream.

    private void connect() {
        if (closed || session != null) {
            return;
        }
        String address = upstreams.next();
        if (upstreams.knowsNodes() && !clusterId.isEmpty()) {
            open(address);
            return;
        }
        network.askTopology(address, answer -> {
            if (closed || session != null) {
                return;
            }
            if (answer.isEmpty() || answer.get().getClusterId().isEmpty()) {
                retry("node at " + address + " does not know the cluster now");
                return;
            }
            met(address, answer.get());
        });
    }

    private void met(String address, Topology topology) {
        String found = topology.getClusterId();
        if (!clusterId.isEmpty() && !clusterId.equals(found)) {
            wrongCluster(address, found);
            return;
        }
        clusterId = found;
        note(topology);
        open(upstreams.next());
    }

    /** Whoever gave the addresses, or the directory, may have meant another one: nothing here is thrown away for it. */
    private void wrongCluster(String address, String found) {
        String message =
                "the node at " + address + " is of cluster " + found + ", and the data of this replica is of cluster "
                        + clusterId + ": give it nodes of that cluster, or an empty data-dir";
        if (connects == 0) {
            events.failed(message, new IllegalStateException(message));
        } else {
            retry(message);
        }
    }

    private void open(String address) {
        Store store = startsAnew ? null : home.store();
        Moment now = ticker.now();
        Holder holder = new Holder();
        FeedSession opened = new FeedSession(address, now, options.creditBytes(), network, holder, new FromFeed());
        holder.session = opened;
        session = opened;
        connects++;
        FeedHello.Builder hello = FeedHello.newBuilder()
                .setSubscriberId(self.id())
                .setIncarnationId(self.incarnationId())
                .setDiskId(self.diskId())
                .setClusterId(clusterId)
                .setZone(self.zone())
                .setWeight(self.weight())
                .setClientAddress(clientAddress)
                .setInternalAddress(internalAddress)
                .setSoftwareVersion(self.softwareVersion())
                .addAllFeedVersions(FEED_VERSIONS)
                .setInitialCreditBytes(options.creditBytes());
        if (store != null) {
            // What is being copied in is level with the index too, as far as the feed goes.
            hello.setHistoryId(store.history().text())
                    .setAppliedIndex(store.appliedIndex())
                    .setHeldShards(receiving(store).toProto());
        }
        opened.send(FeedRequest.newBuilder().setHello(hello).build());
    }

    private Shards receiving(Store store) {
        return store.shards().plus(copyIn.underWay());
    }

    /** Tells its session of what comes, as long as that is the present one. */
    private final class Holder implements Network.FeedListener {
        private @Nullable FeedSession session;

        @Override
        public void received(List<FeedResponse> messages) {
            FeedSession of = session;
            if (of != null && of.equals(Subscriber.this.session)) {
                guarded(of, () -> of.received(messages, ticker.now()));
            }
        }

        @Override
        public void ended(Network.StreamEnd end) {
            if (session != null && session.equals(Subscriber.this.session)) {
                lost(end);
            }
        }
    }

    private void guarded(FeedSession of, Runnable step) {
        try {
            step.run();
        } catch (FeedBrokenException e) {
            leave(of, String.valueOf(e.getMessage()));
        } catch (EngineFullException e) {
            diskIsFull();
        } catch (RuntimeException e) {
            events.failed("the store cannot be written: " + e.getMessage(), e);
        }
        tell();
    }

    // Where the disk is full.

    /** Nothing was lost, and nothing more is applied until there is room. */
    public void diskIsFull() {
        if (!diskFull && !closed) {
            diskFull = true;
            events.diskFull(true);
            timers.after(DISK_RETRY, this::lookForRoom);
        }
    }

    /** There is room again once what is here is durable. */
    private void lookForRoom() {
        if (closed) {
            return;
        }
        CompletableFuture<StoreCheckpoint> tried = roomTried;
        Store store = home.store();
        if (store != null && (tried == null || !tried.isDone() || tried.isCompletedExceptionally())) {
            if (tried == null || tried.isDone()) {
                roomTried = tryCheckpoint(store);
            }
            timers.after(DISK_RETRY, this::lookForRoom);
            return;
        }
        roomTried = null;
        diskFull = false;
        events.diskFull(false);
        removeDropped();
        FeedSession now = session;
        if (now != null) {
            guarded(now, now::goOn);
        }
    }

    private static @Nullable CompletableFuture<StoreCheckpoint> tryCheckpoint(Store store) {
        try {
            return store.checkpoint();
        } catch (EngineFullException e) {
            return null;
        }
    }

    private void lost(Network.StreamEnd end) {
        Runnable parted = whenParted;
        if (parted != null) {
            whenParted = null;
            parted.run();
            return;
        }
        if (end.isBecause(ErrorReason.ERROR_REASON_HISTORY_CHANGED)) {
            historyChanged();
        }
        FeedSession of = session;
        if (of != null) {
            leave(of, end.message());
        }
    }

    /** Indexes of another history mean other states: nothing that was proven holds, and what is here is replaced. */
    private void historyChanged() {
        Store store = home.store();
        LOG.warn(
                "the cluster has begun another history than {}, of which this replica's data is: it begins anew",
                store == null ? "none" : store.history());
        proofs.clear();
        startsAnew = true;
        behind = Behind.BEHIND_STARTING;
    }

    private void leave(FeedSession of, String why) {
        LOG.info(
                "lost upstream={} address={}: {}",
                of.upstream().id(),
                of.upstream().address(),
                why);
        end(why);
        retry(why);
    }

    private void end(String why) {
        FeedSession of = session;
        session = null;
        if (of != null) {
            of.end();
        }
        copyIn.feedEnded();
        probes.closed(why);
        if (behind != Behind.BEHIND_STARTING) {
            behind = Behind.BEHIND_NETWORK;
        }
        tell();
    }

    private void retry(String why) {
        if (closed) {
            return;
        }
        Duration pause = upstreams.isExhausted() || failures > 0
                ? backoff()
                : options.retryMin().dividedBy(4);
        failures++;
        LOG.info("asks another upstream in {} ms: {}", pause.toMillis(), why);
        timers.after(pause, this::connect);
    }

    private Duration backoff() {
        Duration whole = options.retryMin().multipliedBy(1L << Math.min(failures, DOUBLINGS_MAX));
        Duration capped = whole.compareTo(options.retryMax()) > 0 ? options.retryMax() : whole;
        return Duration.ofNanos((long) (capped.toNanos() * (0.5 + chance.getAsDouble() / 2)));
    }

    /** Gives up an upstream that says nothing, or by which nothing can be proven while there are others. */
    private void look() {
        if (closed) {
            return;
        }
        timers.after(LOOK, this::look);
        FeedSession now = session;
        if (now == null) {
            return;
        }
        compareMended(now);
        Moment moment = ticker.now();
        if (now.heard().elapsedTo(moment).compareTo(options.silenceMax()) >= 0) {
            leave(now, "it said nothing for " + options.silenceMax().toMillis() + " ms");
        } else if (now.isWelcomed()
                && mayApply()
                && now.lastProven().elapsedTo(moment).compareTo(options.unprovenMax()) >= 0
                && upstreams.hasOther(now.upstream().address())) {
            leave(
                    now,
                    "nothing could be proven by it for " + options.unprovenMax().toMillis() + " ms");
        }
    }

    private boolean mayApply() {
        return !diskFull && !copyIn.holdsCommits();
    }

    // What the feed says.

    private final class FromFeed implements FeedSession.Receiver {

        @Override
        public void welcomed(FeedSession of, FeedWelcome welcome) {
            Subscriber.this.welcomed(of, welcome);
        }

        @Override
        public boolean mayApply() {
            return Subscriber.this.mayApply();
        }

        @Override
        public void proven(FeedSession of, ProbeAnswer answer, long covered) {
            term = Math.max(term, answer.getTerm());
            failures = 0;
            if (probes.isUnderWay(answer.getProbeId())) {
                serving.proving(answer.getProbeId(), of.subscribed());
            }
            probes.proven(answer.getProbeId(), covered);
            behind = Behind.BEHIND_NETWORK;
        }

        @Override
        public void notProven(ProbeAnswer answer, String why) {
            probes.notProven(answer.getProbeId(), why);
        }

        @Override
        public void told(FeedSession of, FeedResponse message) {
            switch (message.getMessageCase()) {
                case DIGESTS -> {
                    Store store = home.store();
                    if (store != null) {
                        comparison.compare(store, message.getDigests()).ifPresent(Subscriber.this::compared);
                    }
                }
                case TOPOLOGY -> note(message.getTopology().getTopology());
                case GOODBYE -> goodbye(of, message.getGoodbye());
                default ->
                    throw new IllegalArgumentException("message " + message.getMessageCase()
                            + " (expected: one that is not for the session itself)");
            }
        }

        @Override
        public void settled(FeedSession of) {
            Store store = home.store();
            if (store != null && of.isWelcomed()) {
                comparison.advanced(store).ifPresent(Subscriber.this::compared);
            }
            settle();
        }
    }

    private void welcomed(FeedSession of, FeedWelcome welcome) {
        if (!FEED_VERSIONS.contains(welcome.getFeedVersion())) {
            throw new FeedBrokenException(
                    "version " + welcome.getFeedVersion() + " of the feed (expected: one of " + FEED_VERSIONS + ")");
        }
        if (!welcome.getClusterId().equals(clusterId) || !HistoryId.isValid(welcome.getHistoryId())) {
            throw new FeedBrokenException("a welcome to cluster '" + welcome.getClusterId() + "', history '"
                    + welcome.getHistoryId() + "' (expected: cluster " + clusterId + ")");
        }
        Store store = welcome.hasStart() ? begin(welcome) : resumed(welcome);
        Shards resumable = FeedSession.shards(welcome.getResumableShards(), store.shardCount());
        letGo(store, receiving(store).minus(resumable));
        of.follow(store, new Applier(store, copyIn::position, welcome.getHorizon()), resumable);
        upstreams.succeeded(of.upstream().address());
        LOG.info(
                "follows upstream={} address={} from={} upstream_index={} resumed_shards={}{}",
                of.upstream().id(),
                of.upstream().address(),
                store.appliedIndex(),
                welcome.getAppliedIndex(),
                resumable.count(),
                welcome.hasStart() ? " with a new store" : "");
        probes.opened(of::probe);
        of.heartbeat(heartbeat(of, 0));
    }

    private Store resumed(FeedWelcome welcome) {
        Store store = home.store();
        if (store == null || startsAnew) {
            throw new FeedBrokenException("a welcome without a start (expected: one, for there is nothing here)");
        }
        if (!store.history().text().equals(welcome.getHistoryId()) || store.shardCount() != welcome.getShardCount()) {
            throw new FeedBrokenException("a welcome to history " + welcome.getHistoryId() + " of "
                    + welcome.getShardCount() + " shards (expected: " + store.history() + " of " + store.shardCount()
                    + ")");
        }
        return store;
    }

    private Store begin(FeedWelcome welcome) {
        StoreBirth birth;
        try {
            birth = StoreBirth.ofReplica(welcome);
        } catch (IllegalArgumentException e) {
            throw new FeedBrokenException("a start that no store can be made of", e);
        }
        serving.stopAll();
        copyIn.abandon();
        forget(Shards.all(birth.settings().getShardCount()));
        Store store = home.begin(clusterId, birth);
        roomTried = null;
        startsAnew = false;
        behind = Behind.BEHIND_BOOTSTRAP;
        copyIn.open(store);
        return store;
    }

    private void goodbye(FeedSession of, FeedGoodbye goodbye) {
        upstreams.recommend(goodbye.getOtherUpstreamsList());
        if (goodbye.getReason() == FeedGoodbyeReason.FEED_GOODBYE_REASON_SUPERSEDED) {
            LOG.error(
                    "another process has opened a feed as replica {}: two must not have one id; this one waits",
                    self.id());
            failures = DOUBLINGS_MAX;
        }
        leave(of, "goodbye, " + goodbye.getReason());
    }

    // Shards.

    /** Brings what is subscribed, held and served to what is wanted, as far as it can be done now. */
    private void settle() {
        FeedSession of = session;
        Store store = home.store();
        if (of == null || store == null || !of.isWelcomed() || of.isEnded()) {
            return;
        }
        // What differs was let go of to be copied again.
        Shards here = receiving(store).plus(DigestComparison.shardsOf(comparison.differing()));
        Shards wanted =
                owned.wanted(new OwnedShards.Here(store.shardCount(), here, serving.shards()), assignments.current());
        letGo(store, receiving(store).minus(wanted));
        forget(Shards.all(store.shardCount()).minus(wanted));
        of.subscribe(wanted);
        Shards held = store.shards();
        if (serving.findLevel(store, probes.lastSent())) {
            probes.prove(NOBODY);
        }
        Shards fed = of.agreed();
        if (diskFull) {
            return;
        }
        copyIn.want(fed.minus(held).minus(fed.minus(wanted)), of.fedFrom());
    }

    private static final ProofListener NOBODY = new ProofListener() {
        @Override
        public void proven(Proof proof) {
            // The proof itself is what was wanted.
        }

        @Override
        public void notProven(String why) {
            // Another probe follows.
        }
    };

    /** Not served, then not here, and only then, by the caller, not subscribed. */
    private void letGo(Store store, Shards gone) {
        if (gone.isEmpty()) {
            return;
        }
        serving.stop(store, gone);
        copyIn.dropped(gone);
        removeDropped();
    }

    private void removeDropped() {
        if (!dropping) {
            dropping = true;
            timers.after(DROP_PAUSE, this::removeSome);
        }
    }

    private void removeSome() {
        Store store = home.store();
        dropping = false;
        if (closed || diskFull || store == null) {
            return;
        }
        try {
            if (store.dropRows(options.copyRowsStep())) {
                removeDropped();
            } else {
                // What was dropped can be copied again.
                wantedChanged();
            }
        } catch (EngineFullException e) {
            diskIsFull();
        } catch (RuntimeException e) {
            events.failed("the store cannot be written: " + e.getMessage(), e);
        }
    }

    private void compared(DigestComparison.Compared compared) {
        mended(compared.mended());
        Store store = home.store();
        FeedSession of = session;
        if (store == null || of == null || compared.mismatches().isEmpty()) {
            return;
        }
        copyAgain(store, compared.mismatches());
        FetchDigestsRequest request = FetchDigestsRequest.newBuilder()
                .setClusterId(clusterId)
                .setHistoryId(store.history().text())
                .setIndex(compared.index())
                .setShards(compared.wrong().toProto())
                .setDetail(DigestDetail.DIGEST_DETAIL_BUCKETS)
                .build();
        network.askDigests(of.upstream().address(), request, answer -> {
            List<DigestMismatch> located = answer.map(digests -> comparison.located(compared.own(), digests))
                    .orElse(List.of());
            if (!located.isEmpty()) {
                events.differing(located);
                tell();
            }
        });
    }

    /** What was copied again is compared soon: while nothing is written the feed brings no further digests. */
    private void compareMended(FeedSession of) {
        Store store = home.store();
        if (store == null || !of.isWelcomed()) {
            return;
        }
        Shards copied = store.shards().minus(store.shards().minus(DigestComparison.shardsOf(comparison.differing())));
        if (copied.isEmpty()) {
            return;
        }
        FetchDigestsRequest request = FetchDigestsRequest.newBuilder()
                .setClusterId(clusterId)
                .setHistoryId(store.history().text())
                .setShards(copied.toProto())
                .build();
        network.askDigests(
                of.upstream().address(),
                request,
                answer -> answer.ifPresent(digests -> guarded(of, () -> {
                    if (of.equals(session) && store.equals(home.store())) {
                        DigestsAt theirs = DigestsAt.newBuilder()
                                .setIndex(digests.getIndex())
                                .setDigestVersion(digests.getDigestVersion())
                                .addAllDigests(digests.getDigestsList())
                                .build();
                        comparison.compare(store, theirs).ifPresent(this::compared);
                    }
                })));
    }

    /** A shard that differs is wrong here until it was copied again. */
    private void copyAgain(Store store, List<DigestMismatch> mismatches) {
        letGo(store, DigestComparison.shardsOf(mismatches));
        events.differing(mismatches);
    }

    private void mended(List<Integer> shards) {
        if (!shards.isEmpty()) {
            events.mended(shards);
        }
    }

    private void forget(Shards gone) {
        List<Integer> forgotten = comparison.forget(gone);
        if (!forgotten.isEmpty()) {
            events.forgotten(forgotten);
        }
    }

    /**
     * What lies on disk was found not to be what was applied.
     *
     * @param of what was looked at
     */
    public void damaged(Store of, List<DigestMismatch> mismatches) {
        if (closed || !of.equals(home.store()) || mismatches.isEmpty()) {
            return;
        }
        try {
            copyAgain(of, mismatches);
        } catch (EngineFullException e) {
            diskIsFull();
            timers.after(DISK_RETRY, () -> damaged(of, mismatches));
            return;
        }
        comparison.differ(mismatches);
        wantedChanged();
        tell();
    }

    private final class CopyFeed implements CopyIn.Feed {
        @Override
        public @Nullable String upstream() {
            FeedSession of = session;
            return of == null || !of.isWelcomed() ? null : of.upstream().address();
        }

        @Override
        public String clusterId() {
            return clusterId;
        }

        @Override
        public void goOn() {
            FeedSession of = session;
            if (of != null) {
                // Not from within what may be going on with it.
                timers.after(Duration.ZERO, () -> {
                    if (of.equals(session)) {
                        guarded(of, of::goOn);
                    }
                });
            }
        }

        @Override
        public void dropped() {
            removeDropped();
        }

        @Override
        public void diskIsFull() {
            Subscriber.this.diskIsFull();
        }

        @Override
        public void copied(String source) {
            events.copied(source);
            goOn();
        }

        @Override
        public void differed(String source, String why) {
            events.copyDiffered(source, why);
            FeedSession of = session;
            if (of != null && of.upstream().address().equals(source) && upstreams.hasOther(source)) {
                leave(of, why);
            }
        }

        @Override
        public void failed(Throwable why) {
            events.failed("the store cannot be written: " + why.getMessage(), why);
        }
    }

    // What it tells of itself.

    private void servingChanged() {
        events.servingChanged();
        report();
    }

    private void report() {
        FeedSession of = session;
        if (of != null && of.isWelcomed()) {
            of.heartbeat(heartbeat(of, 0));
        }
    }

    private void beat() {
        if (closed) {
            return;
        }
        timers.after(options.heartbeatInterval(), this::beat);
        FeedSession of = session;
        long reads = load.reads();
        Moment now = ticker.now();
        double seconds = Math.max(1e-3, beatThen.elapsedTo(now).toNanos() / 1e9);
        if (of != null && of.isWelcomed()) {
            of.heartbeat(heartbeat(of, (reads - readsThen) / seconds));
        }
        readsThen = reads;
        beatThen = now;
        tell();
    }

    private SubscriberHeartbeat heartbeat(FeedSession of, double requestRate) {
        Shards served = withdrawn ? Shards.NONE : serving.shards();
        Assignment assignment = assignments.current();
        SubscriberHeartbeat.Builder heartbeat = SubscriberHeartbeat.newBuilder()
                .setServing(served.toProto())
                .setRequestRate(requestRate)
                .setCpuLoad(load.cpu())
                .setSubscriptionVersion(of.version())
                .setState(state(served))
                .setReleaseTerm(assignment.releaseTerm())
                .setReleaseNumber(assignment.releaseNumber())
                .addAllMismatches(comparison.differing());
        Store store = home.store();
        if (store != null) {
            heartbeat.setAppliedIndex(store.appliedIndex()).setHorizon(store.horizon());
            staleness(store).ifPresent(staleness -> heartbeat.setStaleness(ProtoTimes.of(staleness)));
            heartbeat.addAllBootstraps(bootstraps(store, of));
        }
        return heartbeat.build();
    }

    private ReplicaState state(Shards served) {
        if (withdrawn) {
            return ReplicaState.REPLICA_STATE_DRAINED;
        }
        return served.isEmpty() ? ReplicaState.REPLICA_STATE_JOINING : ReplicaState.REPLICA_STATE_SERVING;
    }

    private Optional<Duration> staleness(Store store) {
        Proof proof = proofs.newestFor(store.appliedIndex());
        return proof == null ? Optional.empty() : Optional.of(proof.staleness(ticker.now()));
    }

    private List<ShardBootstrap> bootstraps(Store store, FeedSession of) {
        Shards missing = of.subscribed().minus(store.shards());
        return missing.isEmpty() ? List.of() : copyIn.progress(missing);
    }

    private void tell() {
        FeedSession of = session;
        Store store = home.store();
        figures = new Figures(
                of == null ? "" : of.upstream().id(),
                of == null ? "" : of.upstream().address(),
                of == null ? 0 : of.version(),
                of == null ? 0 : of.waiting(),
                of == null ? figures.clusterHorizon() : Math.max(of.clusterHorizon(), figures.clusterHorizon()),
                of == null || store == null || !of.isWelcomed() ? List.of() : bootstraps(store, of),
                connects,
                probes.failed(),
                copyIn.counts(),
                comparison.found(),
                comparison.differing());
    }
}
