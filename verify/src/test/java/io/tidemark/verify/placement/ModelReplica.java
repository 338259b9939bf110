// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.placement;

import io.grpc.StatusRuntimeException;
import io.tidemark.node.registry.SubscriberListener;
import io.tidemark.node.registry.Subscribers;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.Topology;
import io.tidemark.replica.feed.core.Assignments;
import io.tidemark.replica.feed.core.OwnedShards;
import io.tidemark.server.service.Topologies;
import io.tidemark.server.time.Moment;
import io.tidemark.store.Shards;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A replica: what it wants is decided by the real parts; copies take a while, and what it serves comes back from its disk. */
final class ModelReplica {

    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final int COPY_MAX_MILLIS = 4_000;
    private static final int UNNOTICED_MAX_MILLIS = 4_000;

    private final World world;
    private final String id;
    private final OwnedShards owned = OwnedShards.placed();
    private Assignments assignments;
    private int lives;
    private boolean up;
    private Moment downSince;
    private Shards held = Shards.NONE;
    private Shards copying = Shards.NONE;
    private @Nullable Stream stream;
    int copies;

    ModelReplica(World world, String id) {
        this.world = world;
        this.id = id;
        this.assignments = new Assignments(id, "");
        this.downSince = world.time.now();
    }

    String id() {
        return id;
    }

    boolean isUp() {
        return up;
    }

    boolean isFed() {
        return stream != null;
    }

    /** Follows placement, and heeds releases. */
    boolean knowsThatItCounts() {
        return assignments.current().isCertain();
    }

    Shards serving() {
        return up ? held : Shards.NONE;
    }

    /** What is on its disk. */
    Shards held() {
        return held;
    }

    boolean crashedWithin(Duration limit) {
        return !up && downSince.elapsedTo(world.time.now()).compareTo(limit) < 0;
    }

    void start() {
        if (up) {
            return;
        }
        up = true;
        lives++;
        assignments = new Assignments(id, "life-" + lives);
        int life = lives;
        connect();
        beat(life);
    }

    void crash() {
        up = false;
        downSince = world.time.now();
        copying = Shards.NONE;
        cutOff();
    }

    /** Nothing feeds it any more; the node may notice later. */
    void cutOff() {
        Stream of = stream;
        stream = null;
        if (of != null) {
            of.end();
        }
    }

    /** By any node. */
    void connect() {
        if (up) {
            cutOff();
            stream = new Stream(world.any(world.nodes));
        }
    }

    private void beat(int life) {
        world.time.after(BEAT, () -> {
            if (up && lives == life) {
                report();
                beat(life);
            }
        });
    }

    private void report() {
        Stream to = stream;
        if (to != null) {
            to.up(SubscriberHeartbeat.newBuilder()
                    .setServing(held.toProto())
                    .setReleaseTerm(assignments.current().releaseTerm())
                    .setReleaseNumber(assignments.current().releaseNumber())
                    .build());
        }
    }

    private void settle() {
        Shards here = held.plus(copying);
        Shards wanted = owned.wanted(new OwnedShards.Here(World.SHARDS, here, held), assignments.current());
        Shards gone = held.minus(wanted);
        copying = copying.minus(copying.minus(wanted));
        if (!gone.isEmpty()) {
            held = held.minus(gone);
            world.gaveUp(this, gone);
            report();
        }
        wanted.minus(held).minus(copying).stream().forEach(this::copy);
    }

    private void copy(int shard) {
        copying = copying.plus(Shards.of(shard));
        copies++;
        world.copies++;
        int life = lives;
        world.later(COPY_MAX_MILLIS, () -> {
            if (up && lives == life && copying.contains(shard)) {
                copying = copying.minus(Shards.of(shard));
                held = held.plus(Shards.of(shard));
                report();
            }
        });
    }

    @Override
    public String toString() {
        return id + (up ? "" : " (down for " + downSince.elapsedTo(world.time.now()) + ", has " + held + ")")
                + (isFed() ? "" : " (cut off)") + " serves " + serving() + ", copies " + copying + ", knows "
                + assignments.current();
    }

    /** To one node; each way in order. */
    private final class Stream implements SubscriberListener {
        private final int life = lives;
        private Subscribers.@Nullable Subscriber subscriber;
        private Topologies.@Nullable Registration topologies;
        private Moment lastUp = world.time.now();
        private Moment lastDown = world.time.now();

        Stream(ModelNode node) {
            lastUp = inOrder(lastUp, () -> {
                subscriber = node.subscribers()
                        .register(
                                FeedHello.newBuilder()
                                        .setSubscriberId(id)
                                        .setIncarnationId("life-" + life)
                                        .setDiskId("disk-" + id)
                                        .setInternalAddress("r:1")
                                        .setClientAddress("r:2")
                                        .build(),
                                this);
                topologies = node.topology().listen(this::down);
                down(node.topology().current());
            });
            report();
        }

        private Moment inOrder(Moment last, Runnable call) {
            Moment now = world.time.now();
            long due = Math.max(
                    last.monotonicNanos(),
                    now.monotonicNanos()
                            + Duration.ofMillis(1 + world.random.nextInt(400)).toNanos());
            world.time.after(Duration.ofNanos(due - now.monotonicNanos() + 1), call);
            return new Moment(due + 1, due + 1);
        }

        void up(SubscriberHeartbeat heartbeat) {
            lastUp = inOrder(lastUp, () -> {
                if (subscriber != null) {
                    subscriber.heard(heartbeat);
                }
            });
        }

        private void down(Topology topology) {
            lastDown = inOrder(lastDown, () -> {
                if (up && life == lives && equals(stream)) {
                    if (assignments.learn(topology)) {
                        settle();
                        report();
                    }
                }
            });
        }

        void end() {
            world.later(UNNOTICED_MAX_MILLIS, () -> {
                if (topologies != null) {
                    topologies.close();
                }
                if (subscriber != null) {
                    subscriber.gone();
                    subscriber = null;
                }
            });
        }

        @Override
        public void registered() {}

        @Override
        public void refused(StatusRuntimeException error) {
            // The end of a life that another one took the place of; this one asks another node.
            if (equals(stream)) {
                stream = null;
                world.later(ModelReplica.this::connect);
            }
        }
    }
}
