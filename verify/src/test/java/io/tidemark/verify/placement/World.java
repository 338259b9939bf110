// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.placement;

import io.tidemark.api.HistoryId;
import io.tidemark.node.consensus.Member;
import io.tidemark.server.placement.Candidate;
import io.tidemark.server.placement.Placement;
import io.tidemark.store.Shards;
import io.tidemark.store.engine.InMemoryEngine;
import io.tidemark.store.proto.v1.ReplicaRecord;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.validate.SettingsRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Nodes and replicas in time that a test moves, with what they say to each other under way for a random while. The registry is one, as if
 * every node had applied all; who leads is told to each node at its own time, so that for a while two may believe that they do.
 */
final class World implements AutoCloseable {

    static final String CLUSTER = "c";
    static final String HISTORY = "0123456789abcdef";
    static final int SHARDS = 32;
    static final Duration LOSS_TIMEOUT = Duration.ofSeconds(5);

    private static final int DELAY_MAX_MILLIS = 400;
    /** Longer than a leader relies on who is silent, and what it said of that is under way. */
    private static final Duration CRASH_NOTICED = Duration.ofSeconds(8);

    final ModelTime time = new ModelTime();
    final Random random;
    final Store store;
    final List<ModelNode> nodes = new ArrayList<>();
    final Map<String, ModelReplica> replicas = new TreeMap<>();
    final List<String> wrong = new ArrayList<>();
    private long term = 1;
    int copies;

    World(long seed, int replicationFactor) {
        random = new Random(seed);
        store = Store.create(
                new InMemoryEngine(StoreOptions.defaults().engine()),
                StoreBirth.ofNewHistory(
                        new HistoryId(HISTORY),
                        SettingsRules.defaults().toBuilder()
                                .setShardCount(SHARDS)
                                .setReplicationFactor(replicationFactor)
                                .build()),
                StoreOptions.defaults());
        for (int i = 1; i <= 3; i++) {
            nodes.add(new ModelNode(this, new Member("n" + i, "h:" + i, "h:1" + i, "h:2" + i)));
        }
        nodes.forEach(node -> node.become(nodes.get(0), 1));
    }

    /** Another node leads from now on; the one before learns of it as late as any. */
    void changeLeader() {
        term++;
        long begun = term;
        ModelNode leader = any(nodes);
        leader.become(leader, begun);
        nodes.forEach(node -> later(2 * DELAY_MAX_MILLIS, () -> node.become(leader, begun)));
    }

    boolean leadsNow(ModelNode node) {
        return node.term() == term && node.leads();
    }

    void later(Runnable call) {
        later(DELAY_MAX_MILLIS, call);
    }

    void later(int millisMax, Runnable call) {
        time.after(Duration.ofMillis(1 + random.nextInt(millisMax)), call);
    }

    <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    ModelReplica join(String id) {
        ModelReplica replica = new ModelReplica(this, id);
        replicas.put(id, replica);
        replica.start();
        return replica;
    }

    /** A replica has given shards up, on its own account. Somebody else must serve each, or have done so until it crashed just now. */
    void gaveUp(ModelReplica who, Shards shards) {
        Shards elsewhere = Shards.NONE;
        for (ModelReplica other : replicas.values()) {
            if (!other.equals(who)) {
                elsewhere = elsewhere.plus(other.serving());
                if (other.crashedWithin(CRASH_NOTICED)) {
                    elsewhere = elsewhere.plus(other.held());
                }
            }
        }
        if (!elsewhere.containsAll(shards)) {
            Shards missed = shards.minus(elsewhere);
            wrong.add(who.id() + " gave up " + missed + ", which nobody else serves; " + who + "; owners should be "
                    + missed.stream()
                            .mapToObj(shard -> placement().owners(shard))
                            .toList()
                    + "; all: " + replicas.values());
        }
    }

    /** What should be, by the registry. */
    Placement placement() {
        List<Candidate> candidates = store.registry().replicas().stream()
                .filter(replica -> !replica.getLost() && !replica.getDraining())
                .map(replica -> new Candidate(replica.getReplicaId(), replica.getZone(), replica.getWeight()))
                .toList();
        return Placement.of(candidates, SHARDS, store.settings().getReplicationFactor());
    }

    /** Whether each replica that is up counts, knows so, and serves what is placed on it and nothing else. */
    boolean isSettled() {
        Placement placement = placement();
        return replicas.values().stream()
                .filter(ModelReplica::isUp)
                .allMatch(replica -> counts(replica)
                        && replica.knowsThatItCounts()
                        && replica.serving().equals(placement.shardsOf(replica.id())));
    }

    private boolean counts(ModelReplica replica) {
        ReplicaRecord registered = store.registry().get(replica.id());
        return registered != null && !registered.getLost();
    }

    /** Moves on until that is so. */
    void settle() {
        for (int i = 0; i < 240 && !isSettled(); i++) {
            time.pass(Duration.ofMillis(500));
        }
        if (!isSettled()) {
            Placement placement = placement();
            replicas.values().forEach(replica -> wrong.add(replica + ", placed " + placement.shardsOf(replica.id())));
        }
    }

    @Override
    public void close() {
        nodes.forEach(ModelNode::close);
        store.close();
    }
}
