// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.ChangeSubscription;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.FeedProbe;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FeedWelcome;
import io.tidemark.proto.v1.GrantCredit;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.SubscriptionChanged;
import io.tidemark.proto.v1.Through;
import io.tidemark.server.time.Moment;
import io.tidemark.store.LogTime;
import io.tidemark.store.Shards;
import io.tidemark.store.state.Store;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One feed of one upstream, from its welcome to its end: what it brings, in order, and what it is told. Messages wait here while
 * commits may not be applied; the credit that they used up is given back only when they are done with, so they are bounded.
 */
final class FeedSession {

    /** What becomes of what the feed brings. */
    interface Receiver {
        /** The handshake is done. */
        void welcomed(FeedSession session, FeedWelcome welcome);

        /** Whether commits may be applied now. */
        boolean mayApply();

        /** Everything up to there is applied that the answer covers. */
        void proven(FeedSession session, ProbeAnswer answer, long covered);

        void notProven(ProbeAnswer answer, String why);

        /** Anything else, in its place among the commits, which are applied. */
        void told(FeedSession session, FeedResponse message);

        /** All that has come so far is done with, or waits for {@link #mayApply}. */
        void settled(FeedSession session);
    }

    private final Upstream upstream;
    private final Moment begun;
    private final long creditBytes;
    private final Receiver receiver;
    private final Deque<FeedResponse> backlog = new ArrayDeque<>();
    private final Fragments fragments = new Fragments();
    private final Network.FeedStream stream;

    private @Nullable Applier applier;
    private @Nullable Store store;
    private Moment heard;
    private Moment useful;
    /** What the upstream had when the feed began. */
    private long missed;

    private Shards subscribed = Shards.NONE;
    private long version;
    private @Nullable ChangeSubscription changing;
    private Shards becoming = Shards.NONE;
    private long fedFrom;
    private long usedBytes;
    private boolean finished;
    private boolean ended;

    /** Whom the session is with; the id is known from its welcome on. */
    static final class Upstream {
        private final String address;
        private String id = "";

        Upstream(String address) {
            this.address = address;
        }

        String address() {
            return address;
        }

        String id() {
            return id;
        }
    }

    FeedSession(
            String address,
            Moment now,
            long creditBytes,
            Network network,
            Network.FeedListener listener,
            Receiver receiver) {
        this.upstream = new Upstream(address);
        this.begun = now;
        this.heard = now;
        this.useful = now;
        this.creditBytes = creditBytes;
        this.receiver = receiver;
        this.stream = network.openFeed(address, listener);
    }

    void send(FeedRequest request) {
        if (!ended && !finished) {
            stream.send(request);
        }
    }

    /** Nothing that comes later counts. */
    void end() {
        ended = true;
        backlog.clear();
        stream.close();
    }

    /** Says no more; the upstream then ends it. */
    void finish() {
        finished = true;
        stream.finish();
    }

    boolean isEnded() {
        return ended;
    }

    /**
     * Takes what has come.
     *
     * @throws FeedBrokenException if it may not be
     */
    void received(List<FeedResponse> messages, Moment now) {
        heard = now;
        backlog.addAll(messages);
        goOn();
    }

    /** Does what waits, as far as it may be done. */
    void goOn() {
        while (!ended && !backlog.isEmpty() && (applier == null || receiver.mayApply())) {
            FeedResponse message = backlog.element();
            // What cannot be written now is taken again.
            take(message);
            FeedResponse unused = backlog.poll();
            usedBytes += message.getSerializedSize();
        }
        if (!ended && applier != null && receiver.mayApply()) {
            applier.flush();
            grantCredit();
        }
        if (!ended) {
            receiver.settled(this);
        }
    }

    private void take(FeedResponse message) {
        Applier known = applier;
        if (known == null) {
            if (!message.hasWelcome()) {
                throw new FeedBrokenException(
                        "a feed began with " + message.getMessageCase() + " (expected: a welcome)");
            }
            upstream.id = message.getWelcome().getUpstreamId();
            missed = message.getWelcome().getAppliedIndex();
            receiver.welcomed(this, message.getWelcome());
            return;
        }
        if (!message.hasCommits()) {
            fragments.requireNone();
        }
        switch (message.getMessageCase()) {
            case COMMITS -> message.getCommits().getCommitsList().forEach(part -> commit(known, part));
            case THROUGH -> through(known, message.getThrough());
            case PROBE_ANSWER -> answer(known, message.getProbeAnswer());
            case SUBSCRIPTION_CHANGED -> {
                known.flush();
                changed(message.getSubscriptionChanged());
            }
            case DIGESTS, TOPOLOGY, GOODBYE -> {
                known.flush();
                receiver.told(this, message);
            }
            case WELCOME -> throw new FeedBrokenException("a second welcome came (expected: one)");
            // What a later version says is for others.
            case MESSAGE_NOT_SET -> {}
        }
    }

    private void commit(Applier known, FeedCommit part) {
        FeedCommit whole = fragments.add(part);
        if (whole != null) {
            known.add(whole);
            if (whole.getIndex() <= missed) {
                useful = heard;
            }
        }
    }

    /** Of another subscription than the present one it says nothing about this one. */
    private void through(Applier known, Through message) {
        if (message.getSubscriptionVersion() == version) {
            known.through(message.getThroughIndex(), LogTime.of(message.getThroughTime()));
        }
    }

    private void answer(Applier known, ProbeAnswer answer) {
        OptionalLong covered = Probes.covered(answer);
        if (covered.isEmpty()) {
            receiver.notProven(answer, "node " + upstream.id + " could prove nothing: " + answer.getFailure());
        } else if (answer.getSubscriptionVersion() != version) {
            receiver.notProven(answer, "the shards fed by node " + upstream.id + " have just changed");
        } else {
            // It has sent all that it covers.
            known.through(covered.getAsLong(), LogTime.MIN);
            known.flush();
            useful = heard;
            receiver.proven(this, answer, covered.getAsLong());
        }
    }

    private void changed(SubscriptionChanged message) {
        ChangeSubscription asked = changing;
        Store present = store;
        if (asked == null || present == null || message.getSubscriptionVersion() != asked.getSubscriptionVersion()) {
            throw new FeedBrokenException("subscription " + message.getSubscriptionVersion() + " came (expected: "
                    + (asked == null ? "none" : asked.getSubscriptionVersion()) + ")");
        }
        Shards now = shards(message.getShards(), present.shardCount());
        if (!now.equals(becoming)) {
            throw new FeedBrokenException("a subscription to " + now + " came (expected: to " + becoming + ")");
        }
        changing = null;
        version = message.getSubscriptionVersion();
        subscribed = now;
        fedFrom = Math.max(fedFrom, message.getFromIndex());
    }

    static Shards shards(io.tidemark.proto.v1.ShardSet set, int shardCount) {
        try {
            return Shards.of(set, shardCount);
        } catch (IllegalArgumentException e) {
            throw new FeedBrokenException("an upstream names shards that there are not", e);
        }
    }

    /** Commits go to this store from now on; the subscription is what the welcome says. */
    void follow(Store into, Applier by, Shards resumed) {
        store = into;
        applier = by;
        subscribed = resumed;
        version = 0;
    }

    /** Subscribes to these and no others, unless a change is under way. What is removed is not served any more. */
    void subscribe(Shards wanted) {
        if (changing != null || subscribed.equals(wanted)) {
            return;
        }
        ChangeSubscription change = ChangeSubscription.newBuilder()
                .setSubscriptionVersion(version + 1)
                .setAdd(wanted.minus(subscribed).toProto())
                .setRemove(subscribed.minus(wanted).toProto())
                .build();
        changing = change;
        becoming = wanted;
        send(FeedRequest.newBuilder().setChangeSubscription(change).build());
    }

    void probe(FeedProbe probe) {
        send(FeedRequest.newBuilder().setProbe(probe).build());
    }

    void heartbeat(SubscriberHeartbeat heartbeat) {
        send(FeedRequest.newBuilder().setHeartbeat(heartbeat).build());
    }

    /** All that was sent counts, so what is owed is never less than what the upstream has counted. */
    private void grantCredit() {
        if (usedBytes * 4 >= creditBytes) {
            long grant = usedBytes;
            usedBytes = 0;
            send(FeedRequest.newBuilder()
                    .setGrantCredit(GrantCredit.newBuilder().setCreditBytes(grant))
                    .build());
        }
    }

    Upstream upstream() {
        return upstream;
    }

    boolean isWelcomed() {
        return applier != null;
    }

    Shards subscribed() {
        return subscribed;
    }

    /** What will be subscribed once a change that is under way is acknowledged. */
    Shards agreed() {
        return changing == null ? subscribed : subscribed.minus(subscribed.minus(becoming));
    }

    long version() {
        return version;
    }

    long fedFrom() {
        return fedFrom;
    }

    Moment begun() {
        return begun;
    }

    Moment heard() {
        return heard;
    }

    /**
     * When something was last proven; or that more came of what was missed before the feed began, for proofs come behind all of that, and may be
     * long in coming.
     */
    Moment lastUseful() {
        return useful;
    }

    /** How many commits have come that are not applied. */
    int waiting() {
        Applier known = applier;
        int held = backlog.stream()
                .mapToInt(message -> message.getCommits().getCommitsCount())
                .sum();
        return held + (known == null ? 0 : known.waiting());
    }

    long clusterHorizon() {
        Applier known = applier;
        return known == null ? 0 : known.clusterHorizon();
    }
}
