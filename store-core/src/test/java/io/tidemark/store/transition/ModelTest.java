// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.store.LogTime;
import io.tidemark.store.StoredRow;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random entries against {@link NaiveModel}, with every invariant checked after every entry. */
class ModelTest {

    private static final int ENTRIES = 600;

    private final InMemoryState state = new InMemoryState(RandomEntries.SETTINGS);
    private final NaiveModel model = new NaiveModel();
    /** With the index of the first sending: a forgotten id may be used for a new write. */
    private final Set<RequestIdentity> applied = new HashSet<>();

    private final Map<String, Integer> kinds = new TreeMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldAgreeWithTheModel(long seed) {
        RandomEntries entries = new RandomEntries(seed);
        Transition transition = new Transition();
        for (int i = 0; i < ENTRIES; i++) {
            Entry entry = entries.next(state);
            Counters before = state.counters();
            Applied applied = transition.apply(state, entry);
            try {
                for (int c = 0; c < entry.getCommandsCount(); c++) {
                    check(entry.getCommands(c), applied.results().get(c));
                }
                state.apply(applied);
                checkState(before);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", entry " + i + ": " + entry, e);
            }
        }
        assertThat(kinds.keySet()).as("seed %s", seed).contains("Committed", "ConditionsFailed", "Refused", "Replayed");
        assertThat(state.counters().horizon()).as("seed %s", seed).isPositive();
    }

    private void check(Command command, CommandResult result) {
        kinds.merge(result.outcome().getClass().getSimpleName(), 1, Integer::sum);
        Outcome outcome = result.outcome();
        CommitRequest request = command.getWrite().getCommit();
        if (outcome instanceof Outcome.Committed committed) {
            assertThat(applied.add(command.getWrite().getIdentity()))
                    .as("applied once")
                    .isTrue();
            assertThat(model.failed(request)).isEmpty();
            List<String> changed = model.commit(request, committed);
            assertThat(effectNames(result)).containsExactlyInAnyOrderElementsOf(changed);
        } else if (outcome instanceof Outcome.ConditionsFailed failed) {
            assertThat(failed.failed().stream().map(Outcome.FailedRow::condition))
                    .containsExactlyElementsOf(model.failed(request));
        } else if (result.commit() != null) {
            checkSystem(result.commit());
        }
    }

    private static List<String> effectNames(CommandResult result) {
        Commit commit = requireNonNull(result.commit());
        for (int i = 0; i < commit.rowEffects().size(); i++) {
            assertThat(commit.rowEffects().get(i).position()).isEqualTo(i);
        }
        return commit.rowEffects().stream()
                .map(effect -> effect.name().table() + "/" + effect.name().key())
                .toList();
    }

    /** Expiries, drops and tables: the model takes them over, after checking that an expiry was due. */
    private void checkSystem(Commit commit) {
        for (RowEffect effect : commit.rowEffects()) {
            NaiveModel.Cell removed = requireNonNull(
                    model.cells(effect.name().table()).remove(effect.name().key()));
            RowEffect.Tombstone tombstone = (RowEffect.Tombstone) effect;
            if (tombstone.cause() == io.tidemark.proto.v1.TombstoneCause.TOMBSTONE_CAUSE_EXPIRE) {
                assertThat(removed.expirySeconds())
                        .isNotNull()
                        .isLessThanOrEqualTo(commit.logTime().seconds());
            }
        }
        for (SystemChange change : commit.systemChanges()) {
            if (change instanceof SystemChange.TableChanged changed
                    && changed.table().getSettings().hasDefaultTtl()) {
                model.ttlSeconds.put(
                        changed.table().getTable(),
                        changed.table().getSettings().getDefaultTtl().getSeconds());
            } else if (change instanceof SystemChange.TableRemoved removed) {
                assertThat(model.cells(removed.table())).isEmpty();
                model.ttlSeconds.remove(removed.table());
            }
        }
    }

    private void checkState(Counters before) {
        Map<String, NaiveModel.Cell> expected = new HashMap<>();
        model.tables.forEach((table, cells) -> cells.forEach((key, cell) -> expected.put(table + "/" + key, cell)));
        Map<String, NaiveModel.Cell> actual = new HashMap<>();
        state.rows.forEach((name, row) -> actual.put(name.table() + "/" + name.key(), cell(row)));
        assertThat(actual).isEqualTo(expected);

        Counters now = state.counters();
        assertThat(now.logTime()).isGreaterThanOrEqualTo(before.logTime());
        assertThat(now.horizon()).isBetween(before.horizon(), now.lastIndex());
        assertThat(now.windowFloor()).isBetween(before.windowFloor(), now.lastIndex());
        assertThat(now.liveRows()).isEqualTo(state.rows.size());
        assertThat(now.tables()).isEqualTo(state.tables.size());
        assertThat(now.liveBytes())
                .isEqualTo(state.rows.entrySet().stream()
                        .mapToLong(row -> RowSize.of(row.getKey(), row.getValue()))
                        .sum());
        assertThat(now.windowNext() - now.windowFirst()).isEqualTo(state.requests.size());
        assertThat(state.requests.size()).isLessThanOrEqualTo(30);
    }

    private static NaiveModel.Cell cell(StoredRow row) {
        LogTime expireTime = row.expireTime();
        @Nullable Long expiry = expireTime == null ? null : expireTime.seconds();
        return new NaiveModel.Cell(
                row.value().toStringUtf8(), row.version(), row.createdIndex(), row.modifiedIndex(), expiry);
    }
}
