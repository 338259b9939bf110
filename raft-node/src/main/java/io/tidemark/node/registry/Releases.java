// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.tidemark.proto.v1.ShardRelease;
import io.tidemark.store.Shards;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides which shards replicas may give up: those that are placed on others, each of whom serves them and will go on doing so.
 *
 * <p>What a replica reports is old by the time it is read, so that it serves a shard is not enough: it may have been permitted to give
 * that shard up, by this leader when placement was another one, or by the leader before. It is relied upon for a shard only if its
 * report names a release of this leader (so it acts on none of an earlier one), and the shard is in none that it may still act on: the
 * newest, and those before until it names the newest.
 *
 * <p>A process goes on where it was when it was lost meanwhile. One that was forgotten may still act on what it was given before, so it
 * is relied upon again once it names a release that was given since; its numbers rise, or it would not heed them.
 *
 * <p>Of one reign. Not thread-safe: whoever owns it calls it from one thread at a time.
 */
final class Releases {

    /**
     * What a replica says of itself.
     *
     * @param isPresent whether it was heard of lately
     * @param releaseNumber of the newest release that it knows, if that is of {@code releaseTerm}
     */
    record Said(String incarnationId, boolean isPresent, Shards serving, long releaseTerm, long releaseNumber) {}

    /** What one process of a replica may still act on, once it names one of these. */
    private final class Given {
        private final String incarnationId;
        private final long first = ++lastNumber;
        private long number = first;
        private Shards newest = Shards.NONE;
        private Shards before = Shards.NONE;

        Given(String incarnationId) {
            this.incarnationId = incarnationId;
        }

        void become(Shards shards) {
            if (!shards.equals(newest)) {
                before = before.plus(newest);
                newest = shards;
                number = ++lastNumber;
            }
        }
    }

    private final long term;
    private final int shardCount;
    private final Map<String, Given> given = new HashMap<>();
    private long lastNumber;

    Releases(long term, int shardCount) {
        this.term = term;
        this.shardCount = shardCount;
    }

    /**
     * Decides anew.
     *
     * @param replicas those registered that are not lost
     * @param placed what is placed on a replica
     * @param said null: nothing yet
     * @return the newest release of each that has said something
     */
    Map<String, ShardRelease> decide(
            Collection<String> replicas, Function<String, Shards> placed, Function<String, @Nullable Said> said) {
        Shards unsettled = Shards.NONE;
        for (String replica : replicas) {
            Said known = said.apply(replica);
            Shards relied = known == null ? Shards.NONE : reliedUpon(replica, known);
            unsettled = unsettled.plus(placed.apply(replica).minus(relied));
        }
        Shards settled = Shards.all(shardCount).minus(unsettled);
        Map<String, ShardRelease> releases = new HashMap<>();
        for (String replica : replicas) {
            Said known = said.apply(replica);
            Given to = given.get(replica);
            if (known != null && to != null) {
                Shards elsewhere = known.serving().minus(placed.apply(replica));
                to.become(elsewhere.minus(elsewhere.minus(settled)));
                releases.put(replica, release(to));
            }
        }
        return releases;
    }

    /** Forgets all others. */
    void retain(Collection<String> replicas) {
        given.keySet().retainAll(replicas);
    }

    private Shards reliedUpon(String replica, Said known) {
        Given to = given.get(replica);
        if (to == null || !to.incarnationId.equals(known.incarnationId())) {
            // A process acts on no release for another one.
            to = new Given(known.incarnationId());
            given.put(replica, to);
        }
        if (!known.isPresent() || known.releaseTerm() != term || known.releaseNumber() < to.first) {
            return Shards.NONE;
        }
        if (known.releaseNumber() == to.number) {
            to.before = Shards.NONE;
        }
        return known.serving().minus(to.newest).minus(to.before);
    }

    private ShardRelease release(Given to) {
        return ShardRelease.newBuilder()
                .setIncarnationId(to.incarnationId)
                .setTerm(term)
                .setNumber(to.number)
                .setShards(to.newest.toProto())
                .build();
    }
}
