// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.Refusal;
import io.tidemark.store.validate.SettingsRules;

/** Changes what later commands mean (the version, the settings), and what is kept of the past. */
final class SystemCommands {

    private SystemCommands() {}

    static Settled raiseVersion(StateReader state, int version) {
        if (version <= state.transitionVersion()) {
            throw Refusal.ofField(
                            "transition_version", "expected: higher than the present " + state.transitionVersion())
                    .toException();
        }
        return changed(state, new SystemChange.VersionRaised(version));
    }

    static Settled changeSettings(StateReader state, StoreSettings settings) {
        SettingsRules.require(settings);
        if (settings.getShardCount() != state.settings().getShardCount()) {
            throw Refusal.ofField(
                            "settings.shard_count",
                            "expected: " + state.settings().getShardCount() + ", as fixed at cluster birth")
                    .toException();
        }
        return changed(state, new SystemChange.SettingsChanged(settings));
    }

    static Settled raiseHorizon(StateReader state, long horizon) {
        long lastIndex = state.counters().lastIndex();
        if (horizon > lastIndex) {
            throw Refusal.ofField("horizon", horizon + " (expected: at most the last index, " + lastIndex + ")")
                    .toException();
        }
        if (horizon <= state.counters().horizon()) {
            return new Settled(new Outcome.Nothing(), null);
        }
        return changed(state, new SystemChange.HorizonRaised(horizon));
    }

    private static Settled changed(StateReader state, SystemChange change) {
        CommitBuilder commit = new CommitBuilder(state);
        commit.change(change);
        Commit built = commit.build();
        return new Settled(new Outcome.SystemChanged(built.index()), built);
    }
}
