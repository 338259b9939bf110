// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import static io.tidemark.server.watch.WatchedStore.delete;
import static io.tidemark.server.watch.WatchedStore.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.ChangeSubscription;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FeedWelcome;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.SubscriptionChanged;
import io.tidemark.proto.v1.Through;
import io.tidemark.store.Shards;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.transition.RowEffect;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random commits, subscription changes, credit, room, disk, probes, disconnects and resumptions, some of which come after the horizon
 * has passed. The subscriber applies what comes into a map for each shard, and whenever the upstream says how far it has sent
 * everything, each of these maps must be what the store held there.
 */
class FeedModelTest {

    private static final int STEPS = 3_000;
    private static final int KEYS = 60;
    private static final int MESSAGE_BYTES = 600;
    private static final long WINDOW = 4_000;

    private final TreeMap<Long, Map<String, String>> history = new TreeMap<>(Map.of(0L, Map.of()));

    private static int shardOf(String key) {
        return ShardHash.shardOf("t", key, FeedRig.SHARDS);
    }

    private Map<String, String> rowsOf(int shard, long index) {
        Map<String, String> rows = new HashMap<>();
        history.floorEntry(index).getValue().forEach((key, value) -> {
            if (shardOf(key) == shard) {
                rows.put(key, value);
            }
        });
        return rows;
    }

    /** A shard that a subscriber has a copy of. */
    private static final class Held {
        final Map<String, String> rows;
        /** What is at or below it is in the rows already. */
        long copiedAt;

        Held(Map<String, String> rows, long copiedAt) {
            this.rows = rows;
            this.copiedAt = copiedAt;
        }
    }

    /** The receiving side, as simple as it can be. */
    private final class Receiver {
        final Map<Integer, Held> held = new HashMap<>();
        final Deque<ChangeSubscription> asked = new ArrayDeque<>();
        final Map<Long, Long> probeFloors = new HashMap<>();
        final Deque<FeedCommit> parts = new ArrayDeque<>();
        final FeedRig rig;
        FeedRig.Stream stream;
        boolean empty = true;
        Shards subscribed = Shards.NONE;
        Shards adding = Shards.NONE;
        long version;
        long versionAsked;
        long reached;
        /** The missed commits of {@link #adding} have come up to here; above {@link #reached}: there are none to come. */
        long filled = Long.MAX_VALUE;

        long credit;
        long unspent;
        int throughs;
        int proofs;
        int starts;

        Receiver(FeedRig rig) {
            this.rig = rig;
            this.stream = connect();
        }

        FeedRig.Stream connect() {
            asked.clear();
            probeFloors.clear();
            parts.clear();
            if (filled != Long.MAX_VALUE) {
                // What it missed has not all come.
                adding.stream().forEach(held::remove);
            }
            filled = Long.MAX_VALUE;
            // Exactly what is level is said to be held.
            held.keySet().removeIf(shard -> !subscribed.contains(shard));
            held.values().removeIf(shard -> shard.copiedAt > reached);
            Shards level = shards(held);
            FeedRig.Stream next = rig.stream();
            next.link.onSend = this::receive;
            next.link.room = 5;
            credit = WINDOW;
            unspent = 0;
            version = 0;
            versionAsked = 0;
            subscribed = level;
            var hello = FeedRig.hello()
                    .setAppliedIndex(empty ? 0 : reached)
                    .setHeldShards(level.toProto())
                    .setInitialCreditBytes(WINDOW);
            if (empty) {
                hello.clearHistoryId();
            }
            stream = next;
            return next.hello(hello);
        }

        static Shards shards(Map<Integer, Held> held) {
            return Shards.of(held.keySet().stream().mapToInt(i -> i).toArray());
        }

        void receive(FeedResponse message) {
            assertThat(credit).as("credit before %s", message).isPositive();
            credit -= message.getSerializedSize();
            unspent += message.getSerializedSize();
            switch (message.getMessageCase()) {
                case WELCOME -> welcome(message.getWelcome());
                case SUBSCRIPTION_CHANGED -> changed(message.getSubscriptionChanged());
                case COMMITS -> message.getCommits().getCommitsList().forEach(this::commit);
                case THROUGH -> through(message.getThrough());
                case PROBE_ANSWER -> answer(message.getProbeAnswer());
                case DIGESTS -> assertThat(message.getDigests().getIndex()).isLessThanOrEqualTo(reached);
                default -> throw new AssertionError(message.toString());
            }
        }

        void welcome(FeedWelcome welcome) {
            if (welcome.hasStart()) {
                starts++;
                held.clear();
                subscribed = Shards.NONE;
                reached = welcome.getAppliedIndex();
                empty = false;
            } else {
                assertThat(Shards.of(welcome.getResumableShards(), FeedRig.SHARDS))
                        .isEqualTo(subscribed);
            }
        }

        void changed(SubscriptionChanged changed) {
            ChangeSubscription change = asked.remove();
            version++;
            assertThat(changed.getSubscriptionVersion()).isEqualTo(version);
            Shards add = Shards.of(change.getAdd(), FeedRig.SHARDS);
            Shards remove = Shards.of(change.getRemove(), FeedRig.SHARDS);
            subscribed = subscribed.minus(remove).plus(add);
            assertThat(Shards.of(changed.getShards(), FeedRig.SHARDS)).isEqualTo(subscribed);
            remove.stream().forEach(held::remove);
            if (!change.hasFromIndex()) {
                assertThat(changed.getFromIndex()).isEqualTo(reached + 1);
            }
            boolean keepsCopy = change.hasFromIndex() && changed.getFromIndex() == change.getFromIndex();
            add.stream().forEach(shard -> {
                if (keepsCopy) {
                    long at = change.getFromIndex() - 1;
                    held.put(shard, new Held(rowsOf(shard, at), at));
                } else {
                    // A copy from whoever has one: as of the newest index, which is not below.
                    long at = Math.max(changed.getFromIndex() - 1, rig.store().appliedIndex());
                    held.put(shard, new Held(rowsOf(shard, at), at));
                }
            });
            adding = add;
            filled = changed.getFromIndex() <= reached ? changed.getFromIndex() - 1 : Long.MAX_VALUE;
        }

        void commit(FeedCommit commit) {
            if (commit.hasFragment()) {
                assertThat(commit.getFragment().getNumber()).isEqualTo(parts.size());
                parts.add(commit);
                if (!commit.getFragment().getLast()) {
                    return;
                }
                FeedCommit.Builder whole = FeedCommit.newBuilder();
                parts.forEach(whole::mergeFrom);
                parts.clear();
                take(whole.build());
            } else {
                assertThat(parts).isEmpty();
                take(commit);
            }
        }

        void take(FeedCommit commit) {
            boolean missed = commit.getIndex() <= reached;
            if (missed) {
                assertThat(commit.getIndex()).as("missed commits are in order").isGreaterThan(filled);
                filled = commit.getIndex();
                assertThat(commit.getSystemEffects().isEmpty()).isTrue();
            } else {
                reached = commit.getIndex();
            }
            for (RowEffect effect : CommitEffects.of(commit).rows()) {
                assertThat((missed ? adding : subscribed).contains(effect.shard()))
                        .isTrue();
                Held shard = held.get(effect.shard());
                if (shard != null && commit.getIndex() > shard.copiedAt) {
                    if (effect instanceof RowEffect.Put changed) {
                        shard.rows.put(
                                effect.name().key(), changed.row().value().toStringUtf8());
                    } else {
                        shard.rows.remove(effect.name().key());
                    }
                }
            }
        }

        void through(Through through) {
            assertThat(through.getSubscriptionVersion()).isEqualTo(version);
            assertThat(through.getThroughIndex()).isGreaterThanOrEqualTo(reached);
            assertThat(parts).isEmpty();
            reached = through.getThroughIndex();
            filled = Long.MAX_VALUE;
            throughs++;
            subscribed.stream().forEach(number -> {
                Held shard = held.get(number);
                if (shard != null && shard.copiedAt <= reached) {
                    assertThat(shard.rows).as("shard %s at %s", number, reached).isEqualTo(rowsOf(number, reached));
                }
            });
        }

        void answer(ProbeAnswer answer) {
            assertThat(answer.getSubscriptionVersion()).isEqualTo(version);
            Long floor = probeFloors.remove(answer.getProbeId());
            assertThat(floor).as("asked").isNotNull();
            if (answer.hasProof()) {
                proofs++;
                assertThat(answer.getProof().getCoveredIndex())
                        .as("nothing older than the probe proves anything for it")
                        .isGreaterThanOrEqualTo(floor)
                        .as("and nothing is covered that was not sent")
                        .isLessThanOrEqualTo(reached);
            }
        }

        void probe(long id) {
            probeFloors.put(id, rig.store().appliedIndex());
            stream.probe(id);
        }

        void change(Random random) {
            if (asked.size() >= 3) {
                return;
            }
            Shards add = randomShards(random).minus(subscribed).minus(pending());
            Shards remove = randomShards(random);
            add = add.minus(remove);
            ChangeSubscription.Builder change = ChangeSubscription.newBuilder()
                    .setSubscriptionVersion(++versionAsked)
                    .setAdd(add.toProto())
                    .setRemove(remove.toProto());
            if (random.nextInt(3) > 0 && !add.isEmpty()) {
                long applied = rig.store().appliedIndex();
                change.setFromIndex(Math.max(1, applied - random.nextInt(40) + random.nextInt(3)));
                if (change.getFromIndex() > applied + 1) {
                    change.setFromIndex(applied + 1);
                }
            }
            asked.add(change.build());
            stream.change(change);
        }

        Shards pending() {
            Shards all = Shards.NONE;
            for (ChangeSubscription change : asked) {
                all = all.plus(Shards.of(change.getAdd(), FeedRig.SHARDS));
            }
            return all;
        }
    }

    private static Shards randomShards(Random random) {
        int[] some = random.ints(random.nextInt(5), 0, FeedRig.SHARDS).toArray();
        return Shards.of(some);
    }

    private void commit(FeedRig rig, Random random) {
        Map<String, String> next = new HashMap<>(history.lastEntry().getValue());
        int count = random.nextInt(20) == 0 ? 30 : 1 + random.nextInt(3);
        Map<String, Mutation> mutations = new HashMap<>();
        for (int i = 0; i < count; i++) {
            String key = "k" + random.nextInt(KEYS);
            if (random.nextInt(4) == 0) {
                mutations.put(key, delete("t", key));
                next.remove(key);
            } else {
                String value = "v" + history.size() + "x".repeat(random.nextInt(80));
                mutations.put(key, put("t", key, value));
                next.put(key, value);
            }
        }
        long index = rig.rig.commit(mutations.values().toArray(new Mutation[0]));
        history.put(index, next);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldHoldWhatTheStoreHeldWheneverItIsSaidToBeThere(long seed) {
        Random random = new Random(seed);
        // Some with much in memory, some with hardly anything.
        try (FeedRig rig = new FeedRig(seed % 2 == 0 ? 5_000 : 1_000_000, MESSAGE_BYTES)) {
            commit(rig, random);
            Receiver receiving = new Receiver(rig);
            for (int step = 0; step < STEPS; step++) {
                step(rig, receiving, random, step);
            }
            finish(rig, receiving);
            assertThat(receiving.throughs).isGreaterThan(100);
            assertThat(receiving.proofs).isGreaterThan(10);
            assertThat(receiving.starts).isPositive();
        }
    }

    private void step(FeedRig rig, Receiver receiving, Random random, int step) {
        FeedRig.Stream stream = receiving.stream;
        switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> commit(rig, random);
            case 4 -> receiving.change(random);
            case 5 -> receiving.probe(step);
            case 6, 7 -> rig.confirm();
            case 8, 9 -> {
                if (receiving.unspent > 0) {
                    long grant = receiving.unspent;
                    receiving.credit += grant;
                    receiving.unspent = 0;
                    stream.grant(grant);
                }
            }
            case 10, 11 -> stream.link.room = random.nextInt(20);
            case 12 -> rig.diskIsQuick = random.nextBoolean();
            case 13 -> rig.time.pass(Duration.ofMillis(random.nextInt(400)));
            case 14 -> {
                if (random.nextInt(10) == 0) {
                    stream.session.left();
                    rig.runDisk();
                    stream.inbox.clear();
                    receiving.connect();
                }
            }
            default -> {
                if (random.nextInt(60) == 0) {
                    rig.rig.passSeconds(200);
                }
                if (random.nextInt(20) == 0) {
                    rig.store().keepDigests();
                }
            }
        }
        receiving.stream.run();
        if (receiving.stream.link.hasEnded()) {
            assertThat(receiving.stream.link.error).isNotNull();
            rig.runDisk();
            receiving.connect();
        }
    }

    private static void finish(FeedRig rig, Receiver receiving) {
        rig.diskIsQuick = true;
        receiving.stream.link.room = Integer.MAX_VALUE;
        receiving.credit += FeedRig.ENOUGH;
        receiving.stream.grant(FeedRig.ENOUGH);
        rig.runDisk();
        receiving.stream.run();
        if (!receiving.stream.link.hasEnded()) {
            assertThat(receiving.reached).isEqualTo(rig.store().appliedIndex());
        }
    }
}
