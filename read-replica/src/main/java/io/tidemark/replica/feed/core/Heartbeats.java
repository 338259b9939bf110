// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ShardBootstrap;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.store.Shards;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a replica tells the cluster of itself, through its upstream. Of the feed's thread. */
final class Heartbeats {

    private final Load load;
    private final Ticker ticker;
    private final StoreHome home;
    private final Proofs proofs;
    private final Serving serving;
    private final Assignments assignments;
    private final CopyIn copyIn;
    private final Mending mending;
    private boolean withdrawn;
    private long readsThen;
    private Moment beatThen;

    Heartbeats(
            Load load,
            Ticker ticker,
            StoreHome home,
            Proofs proofs,
            Serving serving,
            Assignments assignments,
            CopyIn copyIn,
            Mending mending) {
        this.load = load;
        this.ticker = ticker;
        this.home = home;
        this.proofs = proofs;
        this.serving = serving;
        this.assignments = assignments;
        this.copyIn = copyIn;
        this.mending = mending;
        this.beatThen = ticker.now();
    }

    /** From now on nobody is to be sent here, whatever is served. */
    void withdraw() {
        withdrawn = true;
    }

    /** Something has changed that must not wait for the next beat. */
    void report(@Nullable FeedSession of) {
        if (of != null && of.isWelcomed()) {
            tell(of, 0);
        }
    }

    /** Comes at regular intervals, and says how much was read since the last. */
    void beat(@Nullable FeedSession of) {
        long reads = load.reads();
        Moment now = ticker.now();
        double seconds = Math.max(1e-3, beatThen.elapsedTo(now).toNanos() / 1e9);
        if (of != null && of.isWelcomed()) {
            tell(of, (reads - readsThen) / seconds);
        }
        readsThen = reads;
        beatThen = now;
    }

    /** To an upstream that has just welcomed this replica, as well. */
    void tell(FeedSession of, double requestRate) {
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
                .addAllMismatches(mending.mismatches());
        Store store = home.store();
        if (store != null) {
            heartbeat.setAppliedIndex(store.appliedIndex()).setHorizon(store.horizon());
            staleness(store).ifPresent(staleness -> heartbeat.setStaleness(ProtoTimes.duration(staleness)));
            heartbeat.addAllBootstraps(bootstraps(store, of));
        }
        of.heartbeat(heartbeat.build());
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

    /** How far the copies of what is subscribed and not here have come. */
    List<ShardBootstrap> bootstraps(Store store, FeedSession of) {
        Shards missing = of.subscribed().minus(store.shards());
        return missing.isEmpty() ? List.of() : copyIn.progress(missing);
    }
}
