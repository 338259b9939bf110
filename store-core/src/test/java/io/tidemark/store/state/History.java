// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.proto.v1.Table;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.transition.Applied;
import io.tidemark.store.transition.CommandResult;
import io.tidemark.store.transition.Commit;
import io.tidemark.store.transition.Counters;
import io.tidemark.store.transition.InMemoryState;
import io.tidemark.store.transition.RandomEntries;
import io.tidemark.store.transition.Registry;
import io.tidemark.store.transition.Transition;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The model: a history of random entries, and the state as of each of its indexes as plain sorted maps. */
final class History {

    /** The state as of an index. */
    record State(
            LogTime logTime,
            NavigableMap<RowName, StoredRow> rows,
            NavigableMap<String, Table> tables,
            CommitEffects commit) {}

    private final RandomEntries random;
    private final InMemoryState state = new InMemoryState(RandomEntries.SETTINGS);
    private final Transition transition = new Transition();
    private final List<Entry> entries = new ArrayList<>();
    private final List<Applied> results = new ArrayList<>();
    private final List<Counters> counters = new ArrayList<>();
    private final List<Registry> registries = new ArrayList<>();
    private final List<State> states = new ArrayList<>();

    History(long seed) {
        random = new RandomEntries(seed);
        counters.add(Counters.EMPTY);
        registries.add(Registry.EMPTY);
        states.add(new State(
                LogTime.MIN,
                new TreeMap<>(),
                new TreeMap<>(),
                new CommitEffects(0, LogTime.MIN, List.of(), List.of())));
    }

    /** Makes one more entry. */
    void grow() {
        Entry entry = random.next(state);
        Applied applied = transition.apply(state, entry);
        entries.add(entry);
        results.add(applied);
        for (CommandResult result : applied.results()) {
            Commit commit = result.commit();
            if (commit != null) {
                states.add(after(states.get(states.size() - 1), commit));
            }
        }
        state.apply(applied);
        counters.add(applied.counters());
        registries.add(state.registry());
    }

    private static State after(State before, Commit commit) {
        NavigableMap<RowName, StoredRow> rows = new TreeMap<>(before.rows());
        NavigableMap<String, Table> tables = new TreeMap<>(before.tables());
        InMemoryState.apply(commit, rows, tables);
        return new State(
                commit.logTime(),
                rows,
                tables,
                new CommitEffects(commit.index(), commit.logTime(), commit.rowEffects(), commit.systemChanges()));
    }

    int entryCount() {
        return entries.size();
    }

    Entry entry(int number) {
        return entries.get(number);
    }

    Applied result(int number) {
        return results.get(number);
    }

    /** After so many entries. */
    Counters counters(int number) {
        return counters.get(number);
    }

    /** After so many entries. */
    Registry registry(int number) {
        return registries.get(number);
    }

    State at(long index) {
        return states.get((int) index);
    }

    long lastIndex() {
        return states.size() - 1L;
    }
}
