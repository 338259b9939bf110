// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedGoodbye;
import io.tidemark.proto.v1.FeedGoodbyeReason;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FeedWelcome;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.Shards;
import io.tidemark.store.engine.EngineFullException;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
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

    private static final Duration LOOK = Duration.ofMillis(500);

    private final Self self;
    private final FeedOptions options;
    private final Network network;
    private final StoreHome home;
    private final FeedEvents events;
    private final Ticker ticker;
    private final Timers timers;
    private final Upstreams upstreams;
    private final UpstreamSearch search;
    private final Assignments assignments;
    private final Proofs proofs = new Proofs();
    private final Serving serving;
    private final Probes probes;
    private final CopyIn copyIn;
    private final DiskRoom room;
    private final Mending mending;
    private final ShardKeeping keeping;
    private final Heartbeats heartbeats;

    private @Nullable FeedSession session;
    private String clientAddress = "";
    private String internalAddress = "";
    private boolean startsAnew;
    private boolean closed;
    private @Nullable Runnable whenParted;
    private volatile Behind behind = Behind.BEHIND_STARTING;
    private volatile SubscriberFigures figures = SubscriberFigures.none();
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
        this.events = events;
        this.ticker = ticker;
        this.timers = timers;
        this.upstreams = new Upstreams(self.id(), seeds, self.zone(), chance);
        this.search =
                new UpstreamSearch(home.clusterId(), options, network, upstreams, new Seeker(), events, timers, chance);
        this.assignments = new Assignments(self.id(), self.incarnationId());
        this.serving = new Serving(proofs, this::servingChanged);
        this.probes = new Probes(options, ticker, timers, proofs, load::boundedReads);
        this.copyIn = new CopyIn(options, network, timers, new CopyFeed());
        this.room = new DiskRoom(home, events, timers, this::roomAgain);
        this.mending = new Mending(network, home, events, new MendingFeed());
        this.keeping = new ShardKeeping(
                options,
                home,
                owned,
                assignments,
                serving,
                probes,
                copyIn,
                mending,
                room,
                events,
                timers,
                this::wantedChanged);
        this.heartbeats = new Heartbeats(load, ticker, home, proofs, serving, assignments, copyIn, mending);
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

    public SubscriberFigures figures() {
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
            keeping.removeDropped();
        }
        search.begin();
        look();
        beat();
    }

    /** Tells the cluster that nobody is to be sent here any more. Calls under way go on being answered. */
    public void withdraw() {
        heartbeats.withdraw();
        heartbeats.report(session);
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
        room.close();
        keeping.close();
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
            heartbeats.report(session);
        }
    }

    /** Other shards are wanted, or may be. */
    void wantedChanged() {
        FeedSession of = session;
        if (of != null) {
            guarded(of, () -> keeping.settle(of));
        }
    }

    // Finding an upstream.

    private final class Seeker implements UpstreamSearch.Seeker {
        @Override
        public boolean isSeeking() {
            return !closed && session == null;
        }

        @Override
        public void note(Topology topology) {
            Subscriber.this.note(topology);
        }

        @Override
        public void found(String address) {
            open(address);
        }
    }

    private void open(String address) {
        Store store = startsAnew ? null : home.store();
        Moment now = ticker.now();
        Holder holder = new Holder();
        FeedSession opened = new FeedSession(address, now, options.creditBytes(), network, holder, new FromFeed());
        holder.session = opened;
        session = opened;
        FeedHello.Builder hello = FeedHello.newBuilder()
                .setSubscriberId(self.id())
                .setIncarnationId(self.incarnationId())
                .setDiskId(self.diskId())
                .setClusterId(search.clusterId())
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
                    .setHeldShards(keeping.receiving(store).toProto());
        }
        opened.send(FeedRequest.newBuilder().setHello(hello).build());
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
            room.full();
        } catch (RuntimeException e) {
            events.failed("the store cannot be written: " + e.getMessage(), e);
        }
        tell();
    }

    /** The disk is full. Nothing was lost, and nothing more is applied until there is room. */
    public void diskIsFull() {
        room.full();
    }

    private void roomAgain() {
        keeping.removeDropped();
        FeedSession now = session;
        if (now != null) {
            guarded(now, now::goOn);
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
        if (!closed) {
            search.again(why);
        }
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
        mending.compareCopied(now);
        Moment moment = ticker.now();
        if (now.heard().elapsedTo(moment).compareTo(options.silenceMax()) >= 0) {
            leave(now, "it said nothing for " + options.silenceMax().toMillis() + " ms");
        } else if (now.isWelcomed()
                && mayApply()
                && now.lastUseful().elapsedTo(moment).compareTo(options.unprovenMax()) >= 0
                && upstreams.hasOther(now.upstream().address())) {
            leave(
                    now,
                    "nothing could be proven by it for " + options.unprovenMax().toMillis() + " ms");
        }
    }

    private boolean mayApply() {
        return !room.isFull() && !copyIn.holdsCommits();
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
            search.succeeded();
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
                case DIGESTS -> mending.told(message.getDigests());
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
                mending.advanced(store);
            }
            keeping.settle(session);
        }
    }

    private void welcomed(FeedSession of, FeedWelcome welcome) {
        if (!FEED_VERSIONS.contains(welcome.getFeedVersion())) {
            throw new FeedBrokenException(
                    "version " + welcome.getFeedVersion() + " of the feed (expected: one of " + FEED_VERSIONS + ")");
        }
        if (!welcome.getClusterId().equals(search.clusterId()) || !HistoryId.isValid(welcome.getHistoryId())) {
            throw new FeedBrokenException("a welcome to cluster '" + welcome.getClusterId() + "', history '"
                    + welcome.getHistoryId() + "' (expected: cluster " + search.clusterId() + ")");
        }
        Store store = welcome.hasStart() ? begin(welcome) : resumed(welcome);
        Shards resumable = FeedSession.shards(welcome.getResumableShards(), store.shardCount());
        keeping.letGo(store, keeping.receiving(store).minus(resumable));
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
        heartbeats.tell(of, 0);
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
        mending.forgetAll();
        Store store = home.begin(search.clusterId(), birth);
        room.storeChanged();
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
            search.slowDown();
        }
        leave(of, "goodbye, " + goodbye.getReason());
    }

    // Shards.

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
            mending.damaged(of, mismatches);
        } catch (EngineFullException e) {
            room.full();
            timers.after(DiskRoom.RETRY, () -> damaged(of, mismatches));
            return;
        }
        wantedChanged();
        tell();
    }

    private final class MendingFeed implements Mending.Feed {
        @Override
        public @Nullable FeedSession session() {
            return session;
        }

        @Override
        public String clusterId() {
            return search.clusterId();
        }

        @Override
        public void guarded(FeedSession of, Runnable step) {
            Subscriber.this.guarded(of, step);
        }

        @Override
        public void letGo(Store store, Shards gone) {
            keeping.letGo(store, gone);
        }

        @Override
        public void changed() {
            tell();
        }
    }

    private final class CopyFeed implements CopyIn.Feed {
        @Override
        public @Nullable String upstream() {
            FeedSession of = session;
            return of == null || !of.isWelcomed() ? null : of.upstream().address();
        }

        @Override
        public String clusterId() {
            return search.clusterId();
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
            keeping.removeDropped();
        }

        @Override
        public void diskIsFull() {
            room.full();
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
        heartbeats.report(session);
    }

    private void beat() {
        if (closed) {
            return;
        }
        timers.after(options.heartbeatInterval(), this::beat);
        heartbeats.beat(session);
        tell();
    }

    private void tell() {
        FeedSession of = session;
        Store store = home.store();
        figures = new SubscriberFigures(
                of == null ? "" : of.upstream().id(),
                of == null ? "" : of.upstream().address(),
                of == null ? 0 : of.version(),
                of == null ? 0 : of.waiting(),
                of == null ? figures.clusterHorizon() : Math.max(of.clusterHorizon(), figures.clusterHorizon()),
                of == null || store == null || !of.isWelcomed() ? List.of() : heartbeats.bootstraps(store, of),
                search.found(),
                probes.failed(),
                copyIn.counts(),
                mending.found(),
                mending.mismatches(),
                keeping.isIdle());
    }
}
