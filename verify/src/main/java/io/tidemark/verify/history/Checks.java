// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import io.tidemark.verify.history.Action.Increment;
import io.tidemark.verify.history.Action.Put;
import io.tidemark.verify.history.Action.PutIf;
import io.tidemark.verify.history.Action.Read;
import io.tidemark.verify.history.Outcome.Failed;
import io.tidemark.verify.history.Outcome.Found;
import io.tidemark.verify.history.Outcome.Refused;
import io.tidemark.verify.history.Outcome.Seen;
import io.tidemark.verify.history.Outcome.Written;
import io.tidemark.verify.history.Violation.Promise;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds a history against what the store promises. One thread, one use. */
public final class Checks {

    private final History history;
    private final Timelines timelines;
    private final Map<String, Operation> writers = new HashMap<>();
    private final Map<String, Change> firstChanges = new HashMap<>();
    // The rows that increments write to: their values are not unique.
    private final Set<String> counters = new HashSet<>();
    private final List<Violation> violations = new ArrayList<>();

    private Checks(History history) {
        this.history = history;
        this.timelines = new Timelines(history.changes());
        history.changes().forEach(change -> firstChanges.putIfAbsent(change.value(), change));
        history.operations().forEach(operation -> {
            if (operation.action() instanceof Increment increment) {
                counters.add(increment.key());
            }
        });
        history.operations()
                .forEach(operation -> valueOf(operation.action()).ifPresent(value -> {
                    if (writers.put(value, operation) != null) {
                        throw new IllegalArgumentException(
                                "two operations write " + value + " (expected: each its own value)");
                    }
                }));
    }

    /** Every promise that was broken; none if the store kept them all. */
    public static List<Violation> of(History history) {
        Checks checks = new Checks(history);
        checks.nothingLost();
        checks.finalRows();
        checks.nothingTwice();
        checks.gapless();
        checks.versions();
        checks.conditions();
        checks.realTime();
        checks.reads();
        checks.sameEverywhere();
        checks.readings();
        return List.copyOf(checks.violations);
    }

    private void nothingLost() {
        for (Operation operation : history.operations()) {
            if (!(operation.outcome() instanceof Written written)) {
                continue;
            }
            Change change = timelines.at(valueRow(operation.action()), written.index());
            Optional<String> value = valueOf(operation.action());
            if (change == null || !value.equals(Optional.of(change.value()))) {
                report(
                        Promise.NOTHING_LOST,
                        operation + " is acknowledged, but the watch told at that index: " + change);
            }
        }
    }

    /** The rows in the end are what the changes make of them. */
    private void finalRows() {
        Set<String> keys = new HashSet<>(timelines.keys());
        keys.addAll(history.finalRows().keySet());
        for (String key : keys) {
            Change last = timelines.asOf(key, history.throughIndex());
            Found row = history.finalRows().get(key);
            if (last == null || !Timelines.found(last).equals(row)) {
                report(
                        Promise.NOTHING_LOST,
                        "row " + key + " is " + row + " in the end, but its last change was " + last);
            }
        }
    }

    private void nothingTwice() {
        Map<String, Change> seen = new HashMap<>();
        for (Change change : history.changes()) {
            Operation writer = writers.get(change.value());
            if (writer == null) {
                if (!counters.contains(change.key())) {
                    report(Promise.NOTHING_TWICE, change + " was asked for by nobody");
                }
                continue;
            }
            Change first = seen.putIfAbsent(change.value(), change);
            if (first != null) {
                report(Promise.NOTHING_TWICE, writer + " was applied twice: " + first + ", " + change);
            }
            if (writer.outcome() instanceof Failed || writer.outcome() instanceof Refused) {
                report(Promise.NOTHING_TWICE, writer + " wrote nothing, it was said, but there is " + change);
            }
        }
        for (String key : timelines.keys()) {
            if (counters.contains(key)) {
                counter(key);
            }
        }
    }

    /** Each change of a counter adds one and goes with exactly one marker. */
    private void counter(String key) {
        String marker = new Increment(key, "").marker();
        long expected = 1;
        for (Change change : timelines.of(key)) {
            if (!change.value().equals(Long.toString(expected))) {
                report(Promise.NOTHING_TWICE, change + " (expected: " + expected + ")");
                return;
            }
            if (timelines.at(marker, change.index()) == null) {
                report(Promise.NOTHING_TWICE, change + " came without its marker, though both are one commit");
            }
            expected++;
        }
        for (Change change : timelines.of(marker)) {
            if (timelines.at(key, change.index()) == null) {
                report(Promise.NOTHING_LOST, change + " came without its increment, though both are one commit");
            }
        }
    }

    private void gapless() {
        long last = 0;
        for (Change change : history.changes()) {
            if (change.index() < last) {
                report(Promise.GAPLESS, change + " came after index " + last);
            }
            for (long missing = last + 1; missing < change.index(); missing++) {
                gap(missing);
            }
            last = Math.max(last, change.index());
        }
        for (long missing = last + 1; missing <= history.throughIndex(); missing++) {
            gap(missing);
        }
    }

    private void gap(long index) {
        if (!history.silentIndexes().contains(index)) {
            report(
                    Promise.GAPLESS,
                    "the watch told nothing of index " + index + ", and it is none of " + history.silentIndexes());
        }
    }

    private void versions() {
        for (String key : timelines.keys()) {
            long expected = 1;
            for (Change change : timelines.of(key)) {
                if (change.version() != expected) {
                    report(Promise.VERSIONS, change + " (expected: version " + expected + ")");
                }
                expected = change.version() + 1;
            }
        }
        for (Operation operation : history.operations()) {
            if (operation.outcome() instanceof Written written) {
                Change change = timelines.at(operation.action().key(), written.index());
                if (change != null && change.version() != written.version()) {
                    report(Promise.VERSIONS, operation + " was told another version than the watch: " + change);
                }
            }
        }
    }

    private void conditions() {
        for (Operation operation : history.operations()) {
            if (!(operation.action() instanceof PutIf put)) {
                continue;
            }
            if (operation.outcome() instanceof Written written) {
                long before = versionAsOf(put.key(), written.index() - 1);
                if (before != put.version()) {
                    report(Promise.VERSIONS, operation + " was written over version " + before);
                }
            } else if (operation.outcome() instanceof Refused refused
                    && versionAsOf(put.key(), refused.evaluatedIndex()) == put.version()) {
                report(Promise.VERSIONS, operation + " was refused, but its condition held then");
            }
        }
    }

    private void realTime() {
        List<Settled> settled = new ArrayList<>();
        for (Operation operation : history.operations()) {
            settledAs(operation).ifPresent(settled::add);
        }
        settled.sort(Comparator.comparingLong(each -> each.operation().start()));
        List<Settled> byEnd = new ArrayList<>(settled);
        byEnd.removeIf(each -> !each.isAcknowledged());
        byEnd.sort(Comparator.comparingLong(each -> each.operation().end()));
        Settled newest = null;
        int ended = 0;
        for (Settled each : settled) {
            while (ended < byEnd.size()
                    && byEnd.get(ended).operation().end() < each.operation().start()) {
                Settled earlier = byEnd.get(ended++);
                if (newest == null || earlier.index() > newest.index()) {
                    newest = earlier;
                }
            }
            if (newest != null && newest.index() >= each.index()) {
                report(
                        Promise.REAL_TIME,
                        each.operation() + ", applied as " + each.index() + ", began after this had ended: "
                                + newest.operation());
            }
        }
    }

    private void reads() {
        List<Operation> reads = new ArrayList<>();
        List<Operation> known = new ArrayList<>();
        List<Settled> writes = new ArrayList<>();
        for (Operation operation : history.operations()) {
            if (operation.outcome() instanceof Seen) {
                reads.add(operation);
            }
            if (operation.outcome() instanceof Seen || operation.outcome() instanceof Written) {
                known.add(operation);
            }
            settledAs(operation).ifPresent(writes::add);
        }
        reads.forEach(this::content);
        reads.sort(Comparator.comparingLong(Operation::start));
        known.sort(Comparator.comparingLong(Operation::end));
        Operation newest = null;
        int ended = 0;
        for (Operation read : reads) {
            while (ended < known.size() && known.get(ended).end() < read.start()) {
                Operation earlier = known.get(ended++);
                if (newest == null || indexOf(earlier) > indexOf(newest)) {
                    newest = earlier;
                }
            }
            if (newest != null && indexOf(newest) > indexOf(read)) {
                report(Promise.READS, read + " is older than what was known before it began: " + newest);
            }
        }
        fromTheFuture(reads, writes);
    }

    /** No read is as of an index whose write began only after the read had ended. */
    private void fromTheFuture(List<Operation> reads, List<Settled> writes) {
        reads.sort(Comparator.comparingLong(Operation::end).reversed());
        writes.sort(Comparator.comparingLong((Settled each) -> each.operation().start())
                .reversed());
        Settled lowest = null;
        int begun = 0;
        for (Operation read : reads) {
            while (begun < writes.size() && writes.get(begun).operation().start() > read.end()) {
                Settled later = writes.get(begun++);
                if (lowest == null || later.index() < lowest.index()) {
                    lowest = later;
                }
            }
            if (lowest != null && lowest.index() <= indexOf(read)) {
                report(Promise.READS, read + " ended before this began, and is not older: " + lowest.operation());
            }
        }
    }

    private void content(Operation operation) {
        if (operation.action() instanceof Read read && operation.outcome() instanceof Seen seen) {
            if (seen.index() > history.throughIndex()) {
                report(Promise.READS, operation + " is as of an index that is not there");
                return;
            }
            Optional<Found> expected = Optional.ofNullable(timelines.asOf(read.key(), seen.index()))
                    .map(Timelines::found);
            if (!expected.equals(seen.row())) {
                report(Promise.READS, operation + " (expected: " + expected + ")");
            }
        }
    }

    private void sameEverywhere() {
        if (new HashSet<>(history.digests().values()).size() > 1) {
            report(Promise.SAME_EVERYWHERE, "digests differ: " + history.digests());
        }
    }

    private void readings() {
        List<Settled> writes = history.operations().stream()
                .flatMap(operation -> settledAs(operation).stream())
                .toList();
        violations.addAll(ReadingChecks.of(history, timelines, writes));
    }

    /** A write of which it is known where in history it stands; an open one if the watch told of it. */
    private Optional<Settled> settledAs(Operation operation) {
        if (operation.outcome() instanceof Written written) {
            return Optional.of(new Settled(operation, written.index()));
        }
        if (operation.outcome() instanceof Outcome.Unknown) {
            return valueOf(operation.action())
                    .map(firstChanges::get)
                    .map(change -> new Settled(operation, change.index()));
        }
        return Optional.empty();
    }

    private static long indexOf(Operation operation) {
        if (operation.outcome() instanceof Written written) {
            return written.index();
        }
        if (operation.outcome() instanceof Seen seen) {
            return seen.index();
        }
        throw new IllegalArgumentException("no index: " + operation);
    }

    private long versionAsOf(String key, long index) {
        @Nullable Change change = timelines.asOf(key, index);
        return change == null ? 0 : change.version();
    }

    /** The row that the unique value of a write goes to. */
    private static String valueRow(Action action) {
        return action instanceof Increment increment ? increment.marker() : action.key();
    }

    private static Optional<String> valueOf(Action action) {
        if (action instanceof Put put) {
            return Optional.of(put.value());
        }
        if (action instanceof PutIf put) {
            return Optional.of(put.value());
        }
        if (action instanceof Increment increment) {
            return Optional.of(increment.value());
        }
        return Optional.empty();
    }

    private void report(Promise promise, String what) {
        violations.add(new Violation(promise, what));
    }
}
