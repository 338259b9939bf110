// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.UnknownFields;
import io.tidemark.proto.v1.ChangeSubscription;
import io.tidemark.proto.v1.DigestDetail;
import io.tidemark.proto.v1.FeedCommits;
import io.tidemark.proto.v1.FeedGoodbye;
import io.tidemark.proto.v1.FeedGoodbyeReason;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FeedWelcome;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.SubscriptionChanged;
import io.tidemark.proto.v1.Through;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyNotice;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.server.call.Failures;
import io.tidemark.server.time.Timers;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.store.LogTime;
import io.tidemark.store.Shards;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.feed.FeedRead;
import io.tidemark.store.state.BelowHorizonException;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The feed of one subscriber, from hello to goodbye. One turn at a time: whoever owns a session calls it from one thread after
 * another, never from two; what happens elsewhere comes as a step through the inbox. {@link #mode} and {@link #reached} are for any
 * thread.
 *
 * <p>Sends while the subscriber gives credit and the way to it has room. What does not fit is not made: beside one step's commits,
 * most of them shared with all other sessions, and what is left of one large commit, a session holds nothing but its place. So a slow
 * subscriber falls behind what memory keeps, is read for from disk, and hurts nobody.
 *
 * <p>What is sent, in this order, whenever there is several to choose from: the welcome; the rest of a commit; what an added shard
 * missed; failures of probes; the topology; a change of the subscription; proofs; commits; how far they reach; digests. A proof covers no
 * more than what the subscriber was told to have reached, so nothing is ever said to be covered that was not sent before.
 */
public final class FeedSession {

    /** Then others get their turn. */
    private static final int MESSAGES_PER_TURN = 32;

    private enum State {
        /** Nobody has said hello. */
        GREETING,
        /** The state that the feed begins with is being looked up. */
        STARTING,
        FEEDING,
        OVER
    }

    private final Upstream upstream;
    private final Link link;
    private final SessionListener listener;
    private final Consumer<Runnable> inbox;
    private final WaitingProbes probes;
    private final Deque<ChangeSubscription> changes = new ArrayDeque<>();

    private State state = State.GREETING;
    private @Nullable Store store;
    private @Nullable FeedWelcome welcome;
    private Subscription subscription = Subscription.first(Shards.NONE);
    private @Nullable Passage feed;

    /** What added shards missed, while it is being sent. */
    private @Nullable Passage missed;

    private long credit;

    /** How far the subscriber knows that it has everything: by the last {@code Through}, at first by its own word. */
    private long told;

    /** The subscription that {@link #told} speaks for. */
    private long toldVersion;

    private long lastDigests;
    private boolean topologyDue = true;
    private @Nullable TopologyVersion topologyTold;
    private long topologyToldAt;
    private long lastSent;

    /** Since when nothing could be sent; null: it could. */
    private @Nullable Long stalledSince;

    private Timers.@Nullable Pending tick;
    private volatile FeedMode mode = FeedMode.OPENING;
    private volatile long reached = -1;

    /**
     * A session that waits for its subscriber's hello.
     *
     * @param inbox takes steps from any thread; each is run on one of the session's turns, and {@link #advance} is called after it
     */
    public FeedSession(Upstream upstream, Link link, SessionListener listener, Consumer<Runnable> inbox) {
        this.upstream = upstream;
        this.link = link;
        this.listener = listener;
        this.inbox = inbox;
        this.probes = new WaitingProbes(upstream, inbox);
        this.lastSent = upstream.nanos();
    }

    /** Begins to look at the time. */
    public void open() {
        tick = upstream.timers().after(upstream.options().tick(), () -> inbox.accept(this::ticked));
    }

    private void ticked() {
        if (state == State.OVER) {
            return;
        }
        open();
        probes.timeOut();
        Long since = stalledSince;
        long stallMax = upstream.options().stallMax().toNanos();
        if (since != null && upstream.nanos() - since >= stallMax) {
            Duration stalled = Duration.ofNanos(upstream.nanos() - since);
            fail(FeedErrors.tooSlow(stalled), FeedCounts.End.TOO_SLOW);
        } else if (state == State.GREETING && upstream.nanos() - lastSent >= stallMax) {
            fail(FeedErrors.field("message", "none (expected: hello, at once)"), FeedCounts.End.REFUSED);
        }
    }

    public FeedMode mode() {
        return mode;
    }

    /** The last index that has been sent, with all at or below it; -1: none. */
    public long reached() {
        return reached;
    }

    public boolean isOver() {
        return state == State.OVER;
    }

    /** The subscriber sent something. */
    public void received(FeedRequest request) {
        if (state == State.OVER) {
            return;
        }
        try {
            take(request);
        } catch (StatusRuntimeException e) {
            fail(e, FeedCounts.End.REFUSED);
        } catch (RuntimeException e) {
            fail(Failures.toStatus(e), FeedCounts.End.REFUSED);
        }
    }

    private void take(FeedRequest request) {
        boolean isHello = request.getMessageCase() == FeedRequest.MessageCase.HELLO;
        if (request.getMessageCase() == FeedRequest.MessageCase.MESSAGE_NOT_SET) {
            String unknown = UnknownFields.first(request);
            throw unknown != null
                    ? FeedErrors.unknown(unknown)
                    : FeedErrors.field("message", "none (expected: one of those that a FeedRequest can be)");
        }
        if (isHello != (state == State.GREETING)) {
            throw FeedErrors.field(
                    "message",
                    isHello
                            ? "a second hello (expected: one, at the beginning)"
                            : request.getMessageCase() + " (expected: hello first)");
        }
        if (!isHello) {
            listener.heard();
        }
        switch (request.getMessageCase()) {
            case HELLO -> greet(request.getHello());
            case CHANGE_SUBSCRIPTION -> change(request.getChangeSubscription());
            case PROBE -> probe(request);
            case HEARTBEAT -> listener.heard(request.getHeartbeat());
            case GRANT_CREDIT -> grant(request.getGrantCredit().getCreditBytes());
            case MESSAGE_NOT_SET -> throw new IllegalStateException("a request that was looked at");
        }
    }

    private void greet(FeedHello hello) {
        Store now = upstream.store().get();
        Handshake handshake =
                new Handshake(upstream.serverId(), upstream.clusterId().get(), now, hello);
        listener.begun(hello);
        upstream.counts().begin();
        store = now;
        credit = hello.getInitialCreditBytes();
        state = State.STARTING;
        if (handshake.needsStart()) {
            upstream.disk().accept(() -> begin(now, handshake));
        } else {
            begin(now, handshake.goingOn(), handshake.resumable(), hello.getAppliedIndex());
        }
    }

    private void begin(Store now, Handshake handshake) {
        try {
            StoreBirth birth = now.replicaBirth();
            FeedWelcome starting = handshake.starting(birth);
            inbox.accept(() -> begin(now, starting, Shards.NONE, birth.index()));
        } catch (RuntimeException e) {
            inbox.accept(() -> fail(Failures.toStatus(e), FeedCounts.End.REFUSED));
        }
    }

    private void begin(Store now, FeedWelcome how, Shards first, long from) {
        if (state == State.OVER) {
            return;
        }
        welcome = how;
        subscription = Subscription.first(first);
        feed = new Passage(now, upstream, inbox, index -> subscription.at(index), true, from, Long.MAX_VALUE);
        // Those of the very index are compared once more: an idle subscriber would see no others.
        lastDigests = from - 1;
        told = from;
        reached = from;
        state = State.FEEDING;
    }

    private void change(ChangeSubscription change) {
        String unknown = UnknownFields.first(change);
        if (unknown != null) {
            throw FeedErrors.unknown("change_subscription." + unknown);
        }
        if (changes.size() >= upstream.options().changesMax()) {
            throw FeedErrors.tooManyChanges(upstream.options().changesMax());
        }
        changes.add(change);
    }

    private void probe(FeedRequest request) {
        String unknown = UnknownFields.first(request.getProbe());
        // An unknown reach proves nothing, but ends nothing either.
        if (unknown != null && !unknown.equals("reach")) {
            throw FeedErrors.unknown("probe." + unknown);
        }
        probes.asked(request.getProbe());
    }

    private void grant(long bytes) {
        if (bytes <= 0) {
            throw FeedErrors.field("grant_credit.credit_bytes", bytes + " (expected: > 0)");
        }
        long sum = credit + bytes;
        credit = sum < credit ? Long.MAX_VALUE : sum;
    }

    /** The topology is another one now. */
    public void topologyChanged() {
        topologyDue = true;
    }

    /** The subscriber wants no more, or is gone. */
    public void left() {
        if (state != State.OVER) {
            end(FeedCounts.End.LEFT);
            link.complete();
        }
    }

    /** Ends it with an error of somebody else's. */
    public void refuse(StatusRuntimeException why) {
        if (state != State.OVER) {
            fail(why, FeedCounts.End.REFUSED);
        }
    }

    /** Ends it on this server's own account, whatever credit there is. Any other node may feed the subscriber. */
    public void goodbye(FeedGoodbyeReason reason) {
        goodbye(
                reason,
                upstream.topology().get().getNodesList().stream()
                        .filter(node -> !node.getNodeId().equals(upstream.serverId()))
                        .map(Node::getInternalAddress)
                        .toList());
    }

    /** The same, with whom the subscriber might go to instead. */
    public void goodbye(FeedGoodbyeReason reason, List<String> others) {
        if (state == State.OVER) {
            return;
        }
        if (state != State.FEEDING || welcome != null) {
            // The first message is the welcome, or none.
            fail(FeedErrors.notBegun(upstream.serverId()), FeedCounts.End.GOODBYE);
            return;
        }
        if (reason == FeedGoodbyeReason.FEED_GOODBYE_REASON_STOPPING) {
            probes.stop();
            for (ProbeAnswer answer = failedProbe(); answer != null; answer = failedProbe()) {
                link.send(FeedResponse.newBuilder().setProbeAnswer(answer).build());
            }
        }
        FeedGoodbye.Builder goodbye = FeedGoodbye.newBuilder().setReason(reason).addAllOtherUpstreams(others);
        link.send(FeedResponse.newBuilder().setGoodbye(goodbye).build());
        end(FeedCounts.End.GOODBYE);
        link.complete();
    }

    private @Nullable ProbeAnswer failedProbe() {
        return probes.nextFailure(subscription.version());
    }

    private void fail(StatusRuntimeException why, FeedCounts.End how) {
        if (state != State.OVER) {
            end(how);
            link.fail(why);
        }
    }

    private void end(FeedCounts.End how) {
        state = State.OVER;
        Timers.Pending pending = tick;
        if (pending != null) {
            pending.cancel();
        }
        probes.end();
        changes.clear();
        feed = null;
        missed = null;
        upstream.counts().end(how);
        listener.ended();
    }

    /** Sends what there is to send. True: there is more, but others come first. */
    public boolean advance() {
        try {
            for (int sent = 0; sent < MESSAGES_PER_TURN; sent++) {
                if (state != State.FEEDING || !hasRoom()) {
                    return false;
                }
                FeedResponse next = next();
                if (next == null) {
                    return false;
                }
                send(next);
            }
            return true;
        } catch (BelowHorizonException e) {
            fail(FeedErrors.horizonPassed(upstream.serverId(), e.index(), e.horizon()), FeedCounts.End.HORIZON_PASSED);
        } catch (StatusRuntimeException e) {
            fail(e, FeedCounts.End.REFUSED);
        } catch (RuntimeException e) {
            fail(Failures.toStatus(e), FeedCounts.End.REFUSED);
        }
        return false;
    }

    private boolean hasRoom() {
        boolean noCredit = credit <= 0;
        if (!noCredit && link.isReady()) {
            stalledSince = null;
            return true;
        }
        if (stalledSince == null) {
            stalledSince = upstream.nanos();
            if (noCredit) {
                upstream.counts().outOfCredit();
            } else {
                upstream.counts().outOfRoom();
            }
        }
        return false;
    }

    private void send(FeedResponse message) {
        long bytes = message.getSerializedSize();
        credit -= bytes;
        lastSent = upstream.nanos();
        upstream.counts().sent(bytes, message.getCommits().getCommitsCount());
        link.send(message);
    }

    /** Null: nothing now. */
    private @Nullable FeedResponse next() {
        FeedWelcome first = welcome;
        if (first != null) {
            welcome = null;
            return FeedResponse.newBuilder().setWelcome(first).build();
        }
        Passage main = required(feed);
        Store from = required(store);
        if (main.isWithinCommit()) {
            FeedCommits part = main.next();
            reached = main.reached();
            return commits(part);
        }
        if (missed != null) {
            return nextMissed(missed);
        }
        ProbeAnswer failed = failedProbe();
        if (failed != null) {
            return FeedResponse.newBuilder().setProbeAnswer(failed).build();
        }
        FeedResponse notice = topology();
        if (notice != null) {
            return notice;
        }
        if (from.appliedIndex() < main.reached()) {
            mode = FeedMode.AHEAD;
            return null;
        }
        ChangeSubscription change = changes.peek();
        if (change != null) {
            if (main.reached() > told) {
                // Both sides know what the stream has reached when the subscription changes.
                return through(main, from);
            }
            changes.remove();
            return changed(change, main, from);
        }
        return nextCommits(main, from);
    }

    private static <T> T required(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("a session that feeds without a store (expected: after the handshake)");
        }
        return part;
    }

    private static @Nullable FeedResponse commits(@Nullable FeedCommits commits) {
        return commits == null
                ? null
                : FeedResponse.newBuilder().setCommits(commits).build();
    }

    /** What is said next right behind a change of the subscription. */
    private @Nullable FeedResponse nextMissed(Passage passage) {
        FeedCommits commits = null;
        while (commits == null && !passage.isAtEnd()) {
            long before = passage.reached();
            commits = passage.next();
            mode = passage.isFromDisk() ? FeedMode.BEHIND : FeedMode.NEAR;
            if (commits == null && passage.reached() == before) {
                // The disk is being read.
                return null;
            }
        }
        if (passage.isAtEnd()) {
            missed = null;
        }
        return commits != null ? commits(commits) : next();
    }

    private @Nullable FeedResponse topology() {
        long now = upstream.nanos();
        boolean pausing = topologyTold != null
                && now - topologyToldAt < upstream.options().topologyPause().toNanos();
        if (!topologyDue || pausing) {
            return null;
        }
        topologyDue = false;
        Topology newest = upstream.topology().get();
        if (newest.getVersion().getHistoryId().isEmpty() || newest.getVersion().equals(topologyTold)) {
            return null;
        }
        topologyTold = newest.getVersion();
        topologyToldAt = now;
        return FeedResponse.newBuilder()
                .setTopology(TopologyNotice.newBuilder().setTopology(newest))
                .build();
    }

    private FeedResponse changed(ChangeSubscription change, Passage main, Store from) {
        long version = subscription.version() + 1;
        if (change.getSubscriptionVersion() != version) {
            throw FeedErrors.field(
                    "change_subscription.subscription_version",
                    change.getSubscriptionVersion() + " (expected: " + version + ", one more than the one before)");
        }
        Shards add = Handshake.shards("change_subscription.add", change.getAdd(), from.shardCount());
        Shards remove = Handshake.shards("change_subscription.remove", change.getRemove(), from.shardCount());
        Shards absent = add.minus(from.shards());
        if (!absent.isEmpty()) {
            throw FeedErrors.field(
                    "change_subscription.add", absent + " (expected: shards that this server holds itself)");
        }
        long behind = main.reached();
        long first = change.hasFromIndex() ? Math.max(change.getFromIndex(), from.horizon() + 1) : behind + 1;
        subscription = subscription.changed(add, remove, first, behind);
        main.shardsChanged();
        if (first <= behind && !add.isEmpty()) {
            missed = new Passage(from, upstream, inbox, index -> add, false, first - 1, behind);
        }
        return FeedResponse.newBuilder()
                .setSubscriptionChanged(SubscriptionChanged.newBuilder()
                        .setSubscriptionVersion(version)
                        .setFromIndex(first)
                        .setShards(subscription.shards().toProto()))
                .build();
    }

    private @Nullable FeedResponse nextCommits(Passage main, Store from) {
        // Before more commits: where these go on coming it would wait for ever, and the subscriber would look stale.
        ProbeAnswer proof = subscription.version() == toldVersion ? probes.nextProof(told, toldVersion) : null;
        if (proof != null) {
            return FeedResponse.newBuilder().setProbeAnswer(proof).build();
        }
        boolean untold = main.reached() > told || subscription.version() != toldVersion;
        // Each step is closed by how far it reaches, so that a long way is seen to be gone. What time it is there is
        // known
        // after the first one.
        boolean mayStep = !main.isBetweenReads() || !untold || main.time().equals(LogTime.MIN);
        if (mayStep && main.reached() < from.appliedIndex()) {
            FeedCommits commits = main.next();
            reached = main.reached();
            mode = main.isFromDisk() ? FeedMode.BEHIND : FeedMode.NEAR;
            if (commits != null) {
                return commits(commits);
            }
            untold = main.reached() > told || subscription.version() != toldVersion;
        } else if (main.reached() >= from.appliedIndex()) {
            mode = FeedMode.NEAR;
        }
        boolean silent =
                upstream.nanos() - lastSent >= upstream.options().silenceMax().toNanos();
        return untold || silent ? through(main, from) : digests(from);
    }

    private FeedResponse through(Passage main, Store from) {
        told = main.reached();
        toldVersion = subscription.version();
        reached = told;
        return FeedResponse.newBuilder()
                .setThrough(Through.newBuilder()
                        .setThroughIndex(told)
                        .setThroughTime(time(main, from).toTimestamp())
                        .setSubscriptionVersion(toldVersion))
                .build();
    }

    /** Where nothing follows, log time may have gone on. */
    private LogTime time(Passage main, Store from) {
        long index = main.reached();
        FeedRead here = from.feed().recent(index, 1);
        if (here == null || !here.commits().isEmpty() || here.through() != index) {
            return main.time();
        }
        return LogTime.max(main.time(), here.throughTime());
    }

    private @Nullable FeedResponse digests(Store from) {
        DigestsAt newest = from.newestDigests().orElse(null);
        if (newest == null || newest.index() <= lastDigests || newest.index() > told) {
            return null;
        }
        lastDigests = newest.index();
        Shards compared = subscription.at(newest.index());
        if (compared.isEmpty()) {
            return null;
        }
        return FeedResponse.newBuilder()
                .setDigests(io.tidemark.proto.v1.DigestsAt.newBuilder()
                        .setIndex(newest.index())
                        .setDigestVersion(RowHasher.VERSION)
                        .addAllDigests(Digests.ofShards(newest, compared, DigestDetail.DIGEST_DETAIL_SHARDS)))
                .build();
    }
}
