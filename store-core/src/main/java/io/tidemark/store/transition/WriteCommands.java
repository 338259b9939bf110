// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TableState;
import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.proto.v1.DueRow;
import io.tidemark.store.proto.v1.ExpireCommand;
import io.tidemark.store.validate.CommitRules;
import java.util.ArrayList;
import java.util.List;

/** Changes rows: commits of callers, all or nothing, and expiry batches of the leader. */
final class WriteCommands {

    private WriteCommands() {}

    static Settled write(StateReader state, CommitRequest request, AnswerRoom room) {
        CommitRules.require(request, state.settings());
        List<Outcome.FailedRow> failed = Conditions.failed(state, request.getConditionsList(), room);
        if (!failed.isEmpty()) {
            return new Settled(new Outcome.ConditionsFailed(failed), null);
        }
        CommitBuilder commit = new CommitBuilder(state);
        Mutations mutations = new Mutations(commit, room);
        List<MutationOutcome> results = new ArrayList<>(request.getMutationsCount());
        for (Mutation mutation : request.getMutationsList()) {
            results.add(mutations.apply(mutation));
            // After each, so that a commit that will be refused does not first fill the memory.
            commit.requireWithinLimits();
        }
        Commit built = commit.build();
        return new Settled(new Outcome.Committed(built.index(), built.logTime(), results), built);
    }

    /**
     * A row that was changed since the leader looked, or that is not due by log time, stays. Rows of a table that is being
     * dropped are left to its drop-steps. What is over the limits of a commit is left for the leader to propose again.
     */
    static Settled expire(StateReader state, ExpireCommand command) {
        CommitBuilder commit = new CommitBuilder(state);
        long expired = 0;
        boolean full = false;
        for (DueRow due : command.getRowsList()) {
            RowName name = new RowName(due.getTable(), due.getKey());
            if (!isDue(commit, name, due.getModifiedIndex())) {
                continue;
            }
            full = expired > 0 && !commit.hasRoomFor(name);
            if (full) {
                break;
            }
            commit.remove(name, TombstoneCause.TOMBSTONE_CAUSE_EXPIRE);
            expired++;
        }
        if (expired == 0) {
            return new Settled(new Outcome.Nothing(), null);
        }
        Commit built = commit.build();
        return new Settled(new Outcome.Swept(built.index(), expired, full), built);
    }

    private static boolean isDue(CommitBuilder commit, RowName name, long modifiedIndex) {
        Table table = commit.state().table(name.table());
        if (table == null || table.getState() != TableState.TABLE_STATE_ACTIVE) {
            return false;
        }
        StoredRow row = commit.state().row(name);
        if (row == null || row.modifiedIndex() != modifiedIndex) {
            return false;
        }
        LogTime expireTime = row.expireTime();
        return expireTime != null && !expireTime.isAfter(commit.logTime());
    }
}
