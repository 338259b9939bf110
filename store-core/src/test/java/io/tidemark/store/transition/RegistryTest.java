// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import static io.tidemark.store.transition.TestStore.reason;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.store.Shards;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DrainReplicaCommand;
import io.tidemark.store.proto.v1.RegisterReplicaCommand;
import io.tidemark.store.proto.v1.RemoveReplicaCommand;
import io.tidemark.store.proto.v1.ReplicaRecord;
import io.tidemark.store.proto.v1.ReplicasFoundCommand;
import io.tidemark.store.proto.v1.ReplicasLostCommand;
import io.tidemark.store.proto.v1.ResumeReplicaCommand;
import io.tidemark.store.proto.v1.SeenReplica;
import io.tidemark.store.validate.SettingsRules;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryTest {

    private final TestStore store = new TestStore();

    @Test
    void shouldRegisterAReplicaOnce() {
        assertThat(store.run(register("r1", "d1")).outcome()).isEqualTo(new Outcome.SystemChanged(2));
        assertThat(replica("r1"))
                .isEqualTo(record("r1", "d1").setRegistration(2).build());
        assertThat(store.run(register("r1", "d1")).outcome()).isEqualTo(new Outcome.Nothing());
        assertThat(registry().index()).isEqualTo(2);
    }

    @Test
    void shouldTakeOverWhatChangedWithARestart() {
        store.run(register("r1", "d1"));
        Command moved = register(
                record("r1", "d1").setInternalAddress("other:2").setZone("b").setWeight(300));
        assertThat(store.run(moved).outcome()).isEqualTo(new Outcome.SystemChanged(3));
        assertThat(replica("r1").getInternalAddress()).isEqualTo("other:2");
        assertThat(replica("r1").getRegistration()).isEqualTo(3);
    }

    @Test
    void shouldRefuseAnotherDiskUntilTheReplicaIsLost() {
        store.run(register("r1", "d1"));
        Outcome.Refused refused =
                (Outcome.Refused) store.run(register("r1", "d2")).outcome();
        assertThat(refused.refusal().reason()).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_EXISTS);
        assertThat(refused.refusal().status().metadata())
                .isEqualTo(Map.of("server_id", "r1", "asked_disk_id", "d2", "actual_disk_id", "d1"));
        assertThat(replica("r1").getDiskId()).isEqualTo("d1");

        store.run(lost("r1", 2));
        store.run(register("r1", "d2"));
        assertThat(replica("r1").getDiskId()).isEqualTo("d2");
        assertThat(replica("r1").getLost()).isFalse();
        assertThat(reason(store.run(register("r1", "d1")).outcome())).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_EXISTS);
    }

    @Test
    void shouldNotLoseAReplicaThatCameBack() {
        store.run(register("r1", "d1"), register("r2", "d2"));
        store.run(lost("r1", 2));
        assertThat(replica("r1").getLost()).isTrue();
        store.run(register("r1", "d1"));
        assertThat(replica("r1").getLost()).isFalse();
        assertThat(replica("r1").getRegistration()).isEqualTo(5);

        assertThat(store.run(lost("r1", 2)).outcome()).isEqualTo(new Outcome.Nothing());
        assertThat(store.run(lost("r9", 2)).outcome()).isEqualTo(new Outcome.Nothing());
        assertThat(replica("r1").getLost()).isFalse();
    }

    @Test
    void shouldLoseSeveralInOneCommitAndPassOverThoseThatCameBack() {
        store.run(register("r1", "d1"), register("r2", "d2"), register("r3", "d3"));
        Command command = Command.newBuilder()
                .setReplicasLost(ReplicasLostCommand.newBuilder()
                        .addReplicas(seen("r1", 2))
                        .addReplicas(seen("r2", 2))
                        .addReplicas(seen("r3", 4))
                        .addReplicas(seen("r3", 4)))
                .build();
        CommandResult result = store.run(command);
        assertThat(requireNonNull(result.commit()).systemChanges()).hasSize(2);
        assertThat(replica("r1").getLost()).isTrue();
        assertThat(replica("r2").getLost()).isFalse();
        assertThat(replica("r3").getLost()).isTrue();
    }

    @Test
    void shouldFindALostReplicaAgain() {
        store.run(register("r1", "d1"), lost("r1", 2));
        assertThat(store.run(found("r1", 1)).outcome()).isEqualTo(new Outcome.Nothing());
        assertThat(store.run(found("r1", 2)).outcome()).isEqualTo(new Outcome.SystemChanged(4));
        assertThat(replica("r1"))
                .isEqualTo(record("r1", "d1").setRegistration(4).build());
        assertThat(store.run(found("r1", 4)).outcome()).isEqualTo(new Outcome.Nothing());
    }

    @Test
    void shouldDrainUntilResumedWhateverHappensToTheReplica() {
        store.run(register("r1", "d1"));
        assertThat(store.run(drain("r1")).outcome()).isEqualTo(new Outcome.SystemChanged(3));
        assertThat(store.run(drain("r1")).outcome()).isEqualTo(new Outcome.Nothing());
        store.run(lost("r1", 2));
        store.run(register("r1", "d2"));
        assertThat(replica("r1").getDraining()).isTrue();
        store.run(resume("r1"));
        assertThat(replica("r1").getDraining()).isFalse();
        assertThat(store.run(resume("r1")).outcome()).isEqualTo(new Outcome.Nothing());
        assertThat(reason(store.run(drain("r9")).outcome())).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND);
        assertThat(reason(store.run(resume("r9")).outcome())).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND);
    }

    @Test
    void shouldRemoveAReplicaAsItWasSeen() {
        store.run(register("r1", "d1"), lost("r1", 2), found("r1", 2));
        assertThat(reason(store.run(remove("r1", 2)).outcome())).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_ALIVE);
        assertThat(store.run(remove("r1", 4)).outcome()).isEqualTo(new Outcome.SystemChanged(5));
        assertThat(registry().byId()).isEmpty();
        assertThat(registry().index()).isEqualTo(5);
        assertThat(reason(store.run(remove("r1", 4)).outcome())).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND);
    }

    @Test
    void shouldLimitReplicas() {
        TestStore one = new TestStore(
                SettingsRules.defaults().toBuilder().setMaxReplicas(1).build());
        one.run(register("r1", "d1"));
        assertThat(reason(one.run(register("r2", "d2")).outcome())).isEqualTo(ErrorReason.ERROR_REASON_TOO_LARGE);
        assertThat(one.run(register(record("r1", "d1").setWeight(7))).outcome())
                .isInstanceOf(Outcome.SystemChanged.class);
    }

    @Test
    void shouldRefuseWhatNoReplicaCanBe() {
        for (ReplicaRecord.Builder wrong : new ReplicaRecord.Builder[] {
            record("", "d1"),
            record("-r", "d1"),
            record("R1", "d1"),
            record("r".repeat(64), "d1"),
            record("r1", ""),
            record("r1", "d 1"),
            record("r1", "d1").setZone("a/b"),
            record("r1", "d1").setZone("z".repeat(64)),
            record("r1", "d1").setWeight(0),
            record("r1", "d1").setWeight(10_001),
            record("r1", "d1").setClientAddress(""),
            record("r1", "d1").setClientAddress("host"),
            record("r1", "d1").setClientAddress(":1"),
            record("r1", "d1").setInternalAddress("ho st:1"),
            record("r1", "d1").setInternalAddress("host:"),
            record("r1", "d1").setInternalAddress("h".repeat(262) + ":1")
        }) {
            assertThat(reason(store.run(register(wrong)).outcome()))
                    .as("%s", wrong)
                    .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        }
        assertThat(store.lastIndex()).isEqualTo(1);
    }

    @Test
    void shouldTellReplicasNothing() {
        Commit commit = requireNonNull(store.run(register("r1", "d1")).commit());
        CommitEffects effects =
                new CommitEffects(commit.index(), commit.logTime(), commit.rowEffects(), commit.systemChanges());
        assertThat(effects.forShards(Shards.all(1024))).isNull();
    }

    /** The registry against what a reader of entry.proto would write down. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldAgreeWithTheModel(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TestStore small = new TestStore(
                SettingsRules.defaults().toBuilder().setMaxReplicas(3).build());
        Map<String, ReplicaRecord> model = new HashMap<>();
        for (int i = 0; i < 1_000; i++) {
            Command command = RandomRegistry.command(random, small.state.registry());
            long next = small.lastIndex() + 1;
            Map<String, ReplicaRecord> before = Map.copyOf(model);
            apply(command, model, next);
            small.run(command);
            assertThat(small.state.registry().byId())
                    .as("seed %s, %s", seed, command)
                    .isEqualTo(new TreeMap<>(model));
            assertThat(small.lastIndex()).isEqualTo(model.equals(before) ? next - 1 : next);
            if (!model.equals(before)) {
                assertThat(small.state.registry().index()).isEqualTo(next);
            }
        }
    }

    private static void apply(Command command, Map<String, ReplicaRecord> model, long index) {
        switch (command.getCommandCase()) {
            case REGISTER_REPLICA -> {
                ReplicaRecord asked = command.getRegisterReplica().getReplica();
                ReplicaRecord old = model.get(asked.getReplicaId());
                boolean isWrong = asked.getReplicaId().contains(" ") || asked.getWeight() == 0;
                boolean isFull = old == null && model.size() == 3;
                boolean isOther =
                        old != null && !old.getLost() && !old.getDiskId().equals(asked.getDiskId());
                if (isWrong || isFull || isOther) {
                    return;
                }
                ReplicaRecord.Builder now = asked.toBuilder();
                if (old != null) {
                    now.setDraining(old.getDraining()).setRegistration(old.getRegistration());
                }
                if (!now.build().equals(old)) {
                    model.put(asked.getReplicaId(), now.setRegistration(index).build());
                }
            }
            case DRAIN_REPLICA ->
                model.computeIfPresent(
                        command.getDrainReplica().getReplicaId(),
                        (id, old) -> old.toBuilder().setDraining(true).build());
            case RESUME_REPLICA ->
                model.computeIfPresent(
                        command.getResumeReplica().getReplicaId(),
                        (id, old) -> old.toBuilder().setDraining(false).build());
            case REPLICAS_LOST ->
                command.getReplicasLost()
                        .getReplicasList()
                        .forEach(seen -> model.computeIfPresent(
                                seen.getReplicaId(),
                                (id, old) -> old.getRegistration() == seen.getRegistration()
                                        ? old.toBuilder().setLost(true).build()
                                        : old));
            case REPLICAS_FOUND ->
                command.getReplicasFound()
                        .getReplicasList()
                        .forEach(seen -> model.computeIfPresent(
                                seen.getReplicaId(),
                                (id, old) -> old.getLost() && old.getRegistration() == seen.getRegistration()
                                        ? old.toBuilder()
                                                .setLost(false)
                                                .setRegistration(index)
                                                .build()
                                        : old));
            case REMOVE_REPLICA -> {
                SeenReplica seen = command.getRemoveReplica().getReplica();
                ReplicaRecord old = model.get(seen.getReplicaId());
                if (old != null && old.getRegistration() == seen.getRegistration()) {
                    model.remove(seen.getReplicaId());
                }
            }
            default -> throw new AssertionError("command: " + command);
        }
    }

    private Registry registry() {
        return store.state.registry();
    }

    private ReplicaRecord replica(String id) {
        return requireNonNull(registry().get(id), id);
    }

    private static ReplicaRecord.Builder record(String id, String disk) {
        return ReplicaRecord.newBuilder()
                .setReplicaId(id)
                .setDiskId(disk)
                .setZone("a")
                .setWeight(100)
                .setClientAddress("host:7400")
                .setInternalAddress("[::1]:7401");
    }

    private static Command register(String id, String disk) {
        return register(record(id, disk));
    }

    private static Command register(ReplicaRecord.Builder replica) {
        return Command.newBuilder()
                .setRegisterReplica(RegisterReplicaCommand.newBuilder().setReplica(replica))
                .build();
    }

    private static Command lost(String id, long registration) {
        return Command.newBuilder()
                .setReplicasLost(ReplicasLostCommand.newBuilder().addReplicas(seen(id, registration)))
                .build();
    }

    private static Command found(String id, long registration) {
        return Command.newBuilder()
                .setReplicasFound(ReplicasFoundCommand.newBuilder().addReplicas(seen(id, registration)))
                .build();
    }

    private static Command remove(String id, long registration) {
        return Command.newBuilder()
                .setRemoveReplica(RemoveReplicaCommand.newBuilder().setReplica(seen(id, registration)))
                .build();
    }

    private static Command drain(String id) {
        return Command.newBuilder()
                .setDrainReplica(DrainReplicaCommand.newBuilder().setReplicaId(id))
                .build();
    }

    private static Command resume(String id) {
        return Command.newBuilder()
                .setResumeReplica(ResumeReplicaCommand.newBuilder().setReplicaId(id))
                .build();
    }

    private static SeenReplica seen(String id, long registration) {
        return SeenReplica.newBuilder()
                .setReplicaId(id)
                .setRegistration(registration)
                .build();
    }
}
