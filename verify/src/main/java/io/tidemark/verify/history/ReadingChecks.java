// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import io.tidemark.verify.history.Ask.AsOf;
import io.tidemark.verify.history.Ask.Linearizable;
import io.tidemark.verify.history.Knowledge.Item;
import io.tidemark.verify.history.Outcome.Found;
import io.tidemark.verify.history.Outcome.Refused;
import io.tidemark.verify.history.Outcome.Seen;
import io.tidemark.verify.history.Outcome.Written;
import io.tidemark.verify.history.Reading.Denied;
import io.tidemark.verify.history.Reading.Header;
import io.tidemark.verify.history.Reading.Told;
import io.tidemark.verify.history.Violation.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Holds each reading against what it asked for and against what its answer says of itself. One thread, one use.
 *
 * <p>What counts is the moment of the answer, which nobody but the server knows. It is not before the read was sent; and where it
 * was sent to a server that stood still, not before that went on. So nothing is found here that was not broken, and a reading
 * that took long is judged mildly. <em>Known</em> is what any client had been told of, by an acknowledgement or by an
 * answer: an index that one server has shown is in every proof that begins later.
 */
final class ReadingChecks {

    private static final Set<String> FRESHNESS_REFUSALS =
            Set.of("ERROR_REASON_TOO_STALE", "ERROR_REASON_NO_LEADER", "ERROR_REASON_INDEX_NOT_REACHED");

    private final History history;
    private final Timelines timelines;
    private final Knowledge known;
    private final Map<String, List<Interruption>> interruptions = new HashMap<>();
    private final List<Violation> violations = new ArrayList<>();

    private ReadingChecks(History history, Timelines timelines) {
        this.history = history;
        this.timelines = timelines;
        this.known = new Knowledge(allThatWasTold(history));
        history.readings()
                .interruptions()
                .forEach(each -> interruptions
                        .computeIfAbsent(each.server(), server -> new ArrayList<>())
                        .add(each));
    }

    static List<Violation> of(History history, Timelines timelines, List<Settled> writes) {
        ReadingChecks checks = new ReadingChecks(history, timelines);
        for (Reading reading : history.readings().reads()) {
            if (reading.answer() instanceof Told told) {
                checks.content(reading, told);
                checks.asked(reading, told.header());
                checks.stated(reading, told.header());
                checks.header(reading, told.header());
            } else if (reading.answer() instanceof Denied denied) {
                checks.denied(reading, denied);
            }
        }
        checks.sessions();
        checks.notFromTheFuture(writes);
        checks.appliedOnlyRises();
        checks.roles();
        checks.watches();
        return checks.violations;
    }

    private static List<Item> allThatWasTold(History history) {
        List<Item> items = new ArrayList<>();
        for (Operation operation : history.operations()) {
            if (operation.outcome() instanceof Written written) {
                items.add(new Item(written.index(), operation.end(), operation));
            } else if (operation.outcome() instanceof Seen seen) {
                items.add(new Item(seen.index(), operation.end(), operation));
            } else if (operation.outcome() instanceof Refused refused) {
                items.add(new Item(refused.evaluatedIndex(), operation.end(), operation));
            }
        }
        for (Reading reading : history.readings().reads()) {
            if (reading.answer() instanceof Told told) {
                long index = Math.max(told.header().readIndex(), told.header().appliedIndex());
                items.add(new Item(index, reading.end(), reading));
            }
        }
        return items;
    }

    /** Every row, and every absence, is the state at the index. */
    private void content(Reading reading, Told told) {
        for (String row : reading.rows()) {
            Optional<Found> expected = Optional.ofNullable(
                            timelines.asOf(row, told.header().readIndex()))
                    .map(Timelines::found);
            Optional<Found> found = told.rows().get(row);
            if (!expected.equals(found)) {
                report(
                        Promise.READS,
                        reading + ": row " + row + " is " + found + " (expected at that index: " + expected + ")");
            }
        }
    }

    private void asked(Reading reading, Header header) {
        Ask ask = reading.ask();
        // It holds whatever else was not met.
        if (ask.base() instanceof AsOf asOf && asOf.index() != header.readIndex()) {
            report(Promise.AS_OF, reading + " (expected: as of " + asOf.index() + ")");
        }
        if (header.unmet()) {
            if (!ask.serve()) {
                report(Promise.HEADERS, reading + " was not met, though it did not allow that");
            }
            return;
        }
        if (ask.base() instanceof Linearizable) {
            atLeast(Promise.READS, reading, header, known.before(reading.start()), 0);
            if (header.staleness().isEmpty()) {
                report(Promise.HEADERS, reading + " is linearizable and of unknown staleness");
            }
        }
        ask.floor().ifPresent(floor -> {
            if (header.readIndex() < floor.index()) {
                report(Promise.FLOORS, reading + " (expected: from " + floor.index() + " on)");
            }
        });
        ask.maxStaleness().ifPresent(bound -> {
            atLeast(Promise.BOUNDS, reading, header, knownLongerAgo(reading, bound), 0);
            if (header.staleness()
                    .filter(stated -> stated.compareTo(bound) <= 0)
                    .isEmpty()) {
                report(Promise.BOUNDS, reading + " (expected: a stated staleness of at most " + bound + ")");
            }
        });
        ask.maxLag().ifPresent(lag -> {
            Item item = knownLongerAgo(reading, ask.maxStaleness().orElse(Ask.LAG_STALENESS));
            atLeast(Promise.BOUNDS, reading, header, item, lag);
        });
    }

    private void stated(Reading reading, Header header) {
        header.staleness()
                .ifPresent(stated ->
                        atLeast(Promise.STATED_STALENESS, reading, header, knownLongerAgo(reading, stated), 0));
    }

    private Item knownLongerAgo(Reading reading, Duration age) {
        return known.before(answeredFrom(reading) - age.toNanos());
    }

    /** No answer was made before this moment. */
    private long answeredFrom(Reading reading) {
        return interruptions.getOrDefault(reading.server(), List.of()).stream()
                .filter(each -> each.covers(reading.start()))
                .mapToLong(Interruption::to)
                .findFirst()
                .orElse(reading.start());
    }

    private void atLeast(Promise promise, Reading reading, Header header, Item item, long lag) {
        if (header.readIndex() < item.index() - lag) {
            report(
                    promise,
                    reading + " could have been answered " + Duration.ofNanos(answeredFrom(reading) - item.moment())
                            + " after this at the earliest, and does not see it: " + item.source());
        }
    }

    private void header(Reading reading, Header header) {
        if (!header.historyId().equals(history.readings().historyId())) {
            report(
                    Promise.HEADERS,
                    reading + " (expected: history " + history.readings().historyId() + ")");
        }
        if (header.readIndex() > header.appliedIndex()) {
            report(Promise.HEADERS, reading + " is as of more than its server has applied");
        }
        if (header.appliedIndex() > history.throughIndex()) {
            report(Promise.HEADERS, reading + " knows of commits that are not there");
        }
        if (header.staleness()
                        .filter(stated -> !stated.isZero() && !stated.isNegative())
                        .isEmpty()
                && header.staleness().isPresent()) {
            report(Promise.HEADERS, reading + " (expected: a staleness above zero, or none)");
        }
        if (header.servedBy().isEmpty()) {
            report(Promise.HEADERS, reading + " does not say who served it");
        }
    }

    private void denied(Reading reading, Denied denied) {
        if (reading.ask().asksNothing() && FRESHNESS_REFUSALS.contains(denied.reason())) {
            report(Promise.SERVED, reading + " asked for no freshness");
        }
    }

    /** What a client has seen or written it goes on seeing, if it asks for that. */
    private void sessions() {
        Map<Integer, NavigableMap<Long, Long>> newest = new HashMap<>();
        history.operations().stream()
                .filter(operation -> operation.outcome() instanceof Written)
                .forEach(operation -> newest.computeIfAbsent(operation.client(), client -> new TreeMap<>())
                        .put(operation.end(), ((Written) operation.outcome()).index()));
        history.readings().reads().stream()
                .sorted(Comparator.comparingLong(Reading::start))
                .forEach(reading -> {
                    if (reading.answer() instanceof Told told) {
                        NavigableMap<Long, Long> own = newest.computeIfAbsent(reading.client(), c -> new TreeMap<>());
                        long index = told.header().readIndex();
                        // Forgets what came before, and keeps the newest of it: a client does one thing after the
                        // other.
                        NavigableMap<Long, Long> before = own.headMap(reading.start(), true);
                        long floor = before.values().stream()
                                .mapToLong(Long::longValue)
                                .max()
                                .orElse(0);
                        before.clear();
                        if (reading.ask().isSession() && !told.header().unmet() && index < floor) {
                            report(Promise.FLOORS, reading + " goes back: its client knew index " + floor);
                        }
                        own.put(reading.start(), floor);
                        own.merge(reading.end(), index, Math::max);
                    }
                });
    }

    /** No answer knows of a write that began only after it had ended. */
    private void notFromTheFuture(List<Settled> writes) {
        NavigableMap<Long, Settled> lowestFrom = new TreeMap<>();
        writes.stream()
                .sorted(Comparator.comparingLong(
                                (Settled each) -> each.operation().start())
                        .reversed())
                .forEach(each -> {
                    if (lowestFrom.isEmpty()
                            || each.index() < lowestFrom.firstEntry().getValue().index()) {
                        lowestFrom.put(each.operation().start(), each);
                    }
                });
        for (Reading reading : history.readings().reads()) {
            if (reading.answer() instanceof Told told) {
                var lowest = lowestFrom.higherEntry(reading.end());
                if (lowest != null && lowest.getValue().index() <= told.header().appliedIndex()) {
                    report(
                            Promise.READS,
                            reading + " ended before this began, and is not older: "
                                    + lowest.getValue().operation());
                }
            }
        }
    }

    /** In one life of a server what it has applied only rises. */
    private void appliedOnlyRises() {
        Map<String, List<Reading>> lives = new HashMap<>();
        for (Reading reading : history.readings().reads()) {
            if (reading.answer() instanceof Told told) {
                String server = told.header().servedBy();
                List<Interruption> kills = interruptions.getOrDefault(server, List.of()).stream()
                        .filter(Interruption::killed)
                        .toList();
                // What was under way when it was killed may have been answered in either life.
                if (kills.stream().noneMatch(kill -> kill.from() <= reading.end() && kill.to() >= reading.start())) {
                    long life = kills.stream()
                            .filter(kill -> kill.to() < reading.start())
                            .count();
                    lives.computeIfAbsent(server + " in life " + life, l -> new ArrayList<>())
                            .add(reading);
                }
            }
        }
        lives.forEach(this::appliedOnlyRises);
    }

    private void appliedOnlyRises(String life, List<Reading> readings) {
        Knowledge applied = new Knowledge(readings.stream()
                .map(reading -> new Item(((Told) reading.answer()).header().appliedIndex(), reading.end(), reading))
                .toList());
        for (Reading reading : readings) {
            Item before = applied.before(reading.start());
            if (((Told) reading.answer()).header().appliedIndex() < before.index()) {
                report(Promise.HEADERS, life + " has applied less in " + reading + " than before: " + before.source());
            }
        }
    }

    private void watches() {
        long through = history.readings().watchedThrough();
        Iterator<Change> expected = upTo(through, history.changes());
        Iterator<Change> told = upTo(through, history.readings().watched());
        while (expected.hasNext() || told.hasNext()) {
            Optional<Change> one = next(told);
            Optional<Change> other = next(expected);
            if (!one.equals(other)) {
                report(Promise.WATCHES, "a watch at replicas told " + one + " where one at nodes told " + other);
                return;
            }
        }
    }

    private static Iterator<Change> upTo(long through, List<Change> changes) {
        return changes.stream().filter(change -> change.index() <= through).iterator();
    }

    private static Optional<Change> next(Iterator<Change> changes) {
        return changes.hasNext() ? Optional.of(changes.next()) : Optional.empty();
    }

    /** A replica is never a node. */
    private void roles() {
        Set<String> replicas = new HashSet<>();
        Set<String> nodes = new HashSet<>();
        for (Reading reading : history.readings().reads()) {
            if (reading.answer() instanceof Told told) {
                (told.header().replica() ? replicas : nodes).add(told.header().servedBy());
            }
        }
        replicas.retainAll(nodes);
        if (!replicas.isEmpty()) {
            report(Promise.HEADERS, replicas + " say that they are replicas, and that they are nodes");
        }
    }

    private void report(Promise promise, String what) {
        violations.add(new Violation(promise, what));
    }
}
