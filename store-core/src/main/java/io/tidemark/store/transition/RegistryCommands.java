// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.store.Refusal;
import io.tidemark.store.proto.v1.ReplicaRecord;
import io.tidemark.store.proto.v1.SeenReplica;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Changes the registry of replicas. All of it may be repeated: what is so already makes no commit. A decision on what somebody saw of
 * a replica names its registration, so that one that comes late says nothing of a replica that came back.
 */
final class RegistryCommands {

    private RegistryCommands() {}

    static Settled register(StateReader state, ReplicaRecord asked) {
        state.registry().requireRoomFor(asked, state.settings().getMaxReplicas());
        ReplicaRecord known = state.registry().get(asked.getReplicaId());
        // That it drains is what an operator said of whoever has the name.
        ReplicaRecord.Builder wanted = asked.toBuilder()
                .setRegistration(known == null ? 0 : known.getRegistration())
                .setDraining(known != null && known.getDraining())
                .setLost(false);
        if (wanted.build().equals(known)) {
            return nothing();
        }
        CommitBuilder commit = new CommitBuilder(state);
        change(commit, wanted.setRegistration(commit.index()));
        return settled(commit);
    }

    static Settled drain(StateReader state, String replicaId, boolean draining) {
        ReplicaRecord known = require(state, replicaId);
        if (known.getDraining() == draining) {
            return nothing();
        }
        CommitBuilder commit = new CommitBuilder(state);
        change(commit, known.toBuilder().setDraining(draining));
        return settled(commit);
    }

    static Settled lost(StateReader state, List<SeenReplica> seen) {
        CommitBuilder commit = new CommitBuilder(state);
        List<ReplicaRecord> lost = present(state, seen, false);
        lost.forEach(replica -> change(commit, replica.toBuilder().setLost(true)));
        return lost.isEmpty() ? nothing() : settled(commit);
    }

    static Settled found(StateReader state, List<SeenReplica> seen) {
        CommitBuilder commit = new CommitBuilder(state);
        List<ReplicaRecord> found = present(state, seen, true);
        found.forEach(
                replica -> change(commit, replica.toBuilder().setLost(false).setRegistration(commit.index())));
        return found.isEmpty() ? nothing() : settled(commit);
    }

    static Settled remove(StateReader state, SeenReplica seen) {
        ReplicaRecord known = require(state, seen.getReplicaId());
        if (known.getRegistration() != seen.getRegistration()) {
            throw Refusal.of(
                            ErrorReason.ERROR_REASON_MEMBER_ALIVE,
                            "replica " + known.getReplicaId() + " came back meanwhile, at index "
                                    + known.getRegistration() + " (expected: registered last at index "
                                    + seen.getRegistration() + ")",
                            Map.of(
                                    ErrorMetadata.SERVER_ID, known.getReplicaId(),
                                    ErrorMetadata.ACTUAL, known.getRegistration(),
                                    ErrorMetadata.ASKED, seen.getRegistration()))
                    .toException();
        }
        CommitBuilder commit = new CommitBuilder(state);
        commit.change(new SystemChange.ReplicaRemoved(known.getReplicaId()));
        return settled(commit);
    }

    /** Those that are as they were seen, once each. */
    private static List<ReplicaRecord> present(StateReader state, List<SeenReplica> seen, boolean lost) {
        List<ReplicaRecord> present = new ArrayList<>();
        for (SeenReplica one : new LinkedHashSet<>(seen)) {
            ReplicaRecord known = state.registry().get(one.getReplicaId());
            if (known != null && known.getRegistration() == one.getRegistration() && known.getLost() == lost) {
                present.add(known);
            }
        }
        return present;
    }

    private static ReplicaRecord require(StateReader state, String replicaId) {
        ReplicaRecord known = state.registry().get(replicaId);
        if (known == null) {
            throw Refusal.of(
                            ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND,
                            "there is no replica " + replicaId,
                            Map.of(ErrorMetadata.SERVER_ID, replicaId))
                    .toException();
        }
        return known;
    }

    private static void change(CommitBuilder commit, ReplicaRecord.Builder replica) {
        commit.change(new SystemChange.ReplicaChanged(replica.build()));
    }

    private static Settled nothing() {
        return new Settled(new Outcome.Nothing(), null);
    }

    private static Settled settled(CommitBuilder commit) {
        Commit built = commit.build();
        return new Settled(new Outcome.SystemChanged(built.index()), built);
    }
}
