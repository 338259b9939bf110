// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.registry.DrainWatcher;
import io.tidemark.proto.v1.Replica;
import io.tidemark.server.placement.Placement;
import io.tidemark.store.Shards;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * Shards pass from replica to replica while replicas join, crash, come back, are cut off, drained, resumed, lost and removed, leaders
 * change, and everything that is said arrives late: at no moment is a shard given up that nobody else serves, only what must move
 * does, and in the end everybody serves what is placed on them.
 */
class HandOverModelTest {

    private static final long SEED = Long.getLong("tidemark.test.seed", 1);
    private static final int RUNS = Integer.getInteger("tidemark.test.handovers", 12);
    private static final int STEPS = 80;
    private static final int REPLICAS_MAX = 7;
    /** With fewer that count, nobody could take over. */
    private static final int REPLICAS_MIN = 3;

    @Test
    void shouldNeverGiveUpWhatNobodyElseServes() {
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            try (World world = new World(seed, (int) Math.floorMod(seed - 1, 4L))) {
                Chaos chaos = new Chaos(world, new Random(seed));
                for (int step = 0; step < STEPS && world.wrong.isEmpty(); step++) {
                    chaos.step();
                }
                chaos.calm();
                assertThat(world.wrong)
                        .as("-Dtidemark.test.seed=" + seed + " after " + chaos.done)
                        .isEmpty();
            }
        }
    }

    @Test
    void shouldMoveOnlyWhatMustMove() {
        for (int run = 0; run < Math.max(2, RUNS / 3); run++) {
            long seed = SEED + run;
            try (World world = new World(seed, 2)) {
                Chaos chaos = new Chaos(world, new Random(seed));
                for (int i = 0; i < 4; i++) {
                    chaos.join();
                }
                world.settle();
                for (int i = 0; i < 12 && world.wrong.isEmpty(); i++) {
                    Placement before = world.placement();
                    int copiesBefore = world.copies;
                    chaos.change();
                    world.settle();
                    assertThat(world.wrong)
                            .as("-Dtidemark.test.seed=" + seed + " after " + chaos.done)
                            .isEmpty();
                    assertThat(world.copies - copiesBefore)
                            .as("copies after " + chaos.done)
                            .isEqualTo(gained(before, world));
                }
            }
        }
    }

    /** How many owners of shards are new. */
    private static int gained(Placement before, World world) {
        Placement after = world.placement();
        return world.replicas.keySet().stream()
                .mapToInt(id -> after.shardsOf(id).minus(before.shardsOf(id)).count())
                .sum();
    }

    @Test
    void shouldMoveNothingInAStorm() {
        try (World world = new World(SEED, 2)) {
            Chaos chaos = new Chaos(world, new Random(SEED));
            for (int i = 0; i < 6; i++) {
                chaos.join();
            }
            world.settle();
            int copiesBefore = world.copies;
            List<ModelReplica> all = List.copyOf(world.replicas.values());
            Map<String, Shards> served = new TreeMap<>();
            all.forEach(replica -> served.put(replica.id(), replica.serving()));
            all.subList(0, 3).forEach(ModelReplica::cutOff);
            world.time.pass(World.LOSS_TIMEOUT.multipliedBy(6));

            assertThat(world.copies).isEqualTo(copiesBefore);
            assertThat(all).allSatisfy(replica -> assertThat(replica.serving()).isEqualTo(served.get(replica.id())));

            all.forEach(ModelReplica::connect);
            world.settle();
            assertThat(world.copies).isEqualTo(copiesBefore);
            assertThat(world.wrong).isEmpty();
        }
    }

    @Test
    void shouldMoveTheShardsOfALostReplicaAndBackWhenItReturns() {
        try (World world = new World(SEED, 2)) {
            Chaos chaos = new Chaos(world, new Random(SEED));
            for (int i = 0; i < 4; i++) {
                chaos.join();
            }
            world.settle();
            ModelReplica gone = world.replicas.values().iterator().next();
            Shards its = gone.serving();
            gone.cutOff();
            world.time.pass(World.LOSS_TIMEOUT.multipliedBy(3));
            assertThat(world.placement().shardsOf(gone.id())).isEqualTo(Shards.NONE);
            assertThat(gone.serving()).as("it knows nothing of it").isEqualTo(its);
            int copiesBefore = gone.copies;

            gone.connect();
            world.settle();
            assertThat(gone.serving()).isEqualTo(its);
            assertThat(gone.copies).isEqualTo(copiesBefore);
            assertThat(world.wrong).isEmpty();
        }
    }

    @Test
    void shouldFollowPlacementAgainAfterItWasLost() {
        try (World world = new World(SEED, 2)) {
            Chaos chaos = new Chaos(world, new Random(SEED));
            for (int i = 0; i < 5; i++) {
                chaos.join();
                world.settle();
            }
            ModelReplica gone = world.replicas.values().iterator().next();
            // By then it knows releases that are far from its first.
            for (int i = 0; i < 3; i++) {
                drainAndResume(chaos, gone);
            }
            for (int loss = 0; loss < 2; loss++) {
                gone.cutOff();
                world.time.pass(World.LOSS_TIMEOUT.multipliedBy(3));
                if (loss > 0) {
                    chaos.remove(gone);
                    world.time.pass(Duration.ofSeconds(2));
                    assertThat(world.store.registry().byId()).doesNotContainKey(gone.id());
                }
                gone.connect();
                world.settle();
                drainAndResume(chaos, gone);
                assertThat(world.wrong)
                        .as(loss == 0 ? "lost and found" : "removed, and back")
                        .isEmpty();
            }
        }
    }

    private static void drainAndResume(Chaos chaos, ModelReplica replica) {
        chaos.drain(replica);
        chaos.world.time.pass(Duration.ofSeconds(2));
        chaos.world.settle();
        chaos.resume(replica);
        chaos.world.time.pass(Duration.ofSeconds(2));
        chaos.world.settle();
    }

    private static final class Chaos {
        private final World world;
        private final Random random;
        private final StringBuilder done = new StringBuilder();
        private int joined;

        Chaos(World world, Random random) {
            this.world = world;
            this.random = random;
        }

        void step() {
            switch (random.nextInt(10)) {
                case 0, 1 -> join();
                case 2 -> crash();
                case 3 -> any().start();
                case 4 -> drain();
                case 5 -> resume();
                case 6 -> remove();
                case 7 -> cutOff();
                case 8 -> any().connect();
                default -> {
                    done.append(" leader");
                    world.changeLeader();
                }
            }
            world.time.pass(Duration.ofMillis(random.nextInt(4_000)));
        }

        /** One that moves shards. */
        void change() {
            switch (random.nextInt(3)) {
                case 0 -> join();
                case 1 -> drain();
                default -> resume();
            }
            world.time.pass(Duration.ofSeconds(2));
        }

        private ModelReplica any() {
            if (world.replicas.isEmpty()) {
                join();
            }
            return world.any(List.copyOf(world.replicas.values()));
        }

        void join() {
            if (world.replicas.size() < REPLICAS_MAX) {
                joined++;
                done.append(" join r").append(joined);
                world.join("r" + joined);
            }
        }

        /** Whether enough others are up, fed, registered, and not drained. */
        private boolean maySpare(ModelReplica replica) {
            return world.store.registry().replicas().stream()
                            .filter(known -> !known.getDraining() && !known.getLost())
                            .filter(known -> !known.getReplicaId().equals(replica.id()))
                            .filter(known -> {
                                ModelReplica other = world.replicas.get(known.getReplicaId());
                                return other != null && other.isUp() && other.isFed();
                            })
                            .count()
                    >= REPLICAS_MIN;
        }

        private void crash() {
            ModelReplica replica = any();
            if (maySpare(replica) && replica.isUp()) {
                done.append(" crash ").append(replica.id());
                replica.crash();
            }
        }

        private void cutOff() {
            ModelReplica replica = any();
            if (maySpare(replica)) {
                done.append(" cut ").append(replica.id());
                replica.cutOff();
                world.later(15_000, replica::connect);
            }
        }

        private void drain() {
            drain(any());
        }

        void drain(ModelReplica replica) {
            if (maySpare(replica)) {
                done.append(" drain ").append(replica.id());
                world.nodes.stream()
                        .filter(world::leadsNow)
                        .forEach(node -> quietly(node.registrar().drain(replica.id(), NOBODY)));
            }
        }

        private void resume() {
            resume(any());
        }

        void resume(ModelReplica replica) {
            done.append(" resume ").append(replica.id());
            world.nodes.stream()
                    .filter(world::leadsNow)
                    .forEach(node -> quietly(node.registrar().resume(replica.id())));
        }

        private void remove() {
            remove(any());
        }

        void remove(ModelReplica replica) {
            world.nodes.stream().filter(world::leadsNow).forEach(node -> {
                try {
                    quietly(node.registrar().remove(replica.id()));
                    done.append(" remove ").append(replica.id());
                } catch (RuntimeException alive) {
                    // It is refused.
                }
            });
        }

        private static void quietly(CompletableFuture<?> call) {
            var unused = call.exceptionally(refused -> null);
        }

        private static final DrainWatcher NOBODY = new DrainWatcher() {
            @Override
            public void draining(Replica replica) {}

            @Override
            public boolean isGone() {
                return true;
            }
        };

        /** Everybody comes back, and stays. */
        void calm() {
            world.replicas.values().forEach(ModelReplica::start);
            world.time.pass(Duration.ofSeconds(20));
            world.replicas.values().stream().filter(replica -> !replica.isFed()).forEach(ModelReplica::connect);
            world.time.pass(Duration.ofSeconds(5));
            world.settle();
        }
    }
}
