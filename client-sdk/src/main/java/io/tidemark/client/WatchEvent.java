// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.api.HistoryId;
import io.tidemark.api.SessionToken;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a watch tells: {@link Commit}s, in the order of their indexes, each once and whole, whatever becomes of the servers; and how it
 * fares itself. Whoever wants the former only, takes the {@link #changes()} of each event.
 *
 * <p>Events with a {@link #token()} tell how far they reach: {@link Watch#after} it nothing is missed and nothing repeated, also in
 * another process.
 */
public sealed interface WatchEvent<V> {

    /** The changes that the event brings, which only a {@link Commit} does. */
    default List<Change<V>> changes() {
        return List.of();
    }

    /** What {@link Watch#after} takes to go on behind this event; empty where there is no such place. */
    default Optional<String> token() {
        return Optional.empty();
    }

    /**
     * The watch stands: every change behind that index will be told.
     *
     * @param index the state that it begins from
     * @param historyId the history that the index belongs to
     * @param servedBy who sends
     */
    record Opened<V>(long index, String historyId, ServedBy servedBy) implements WatchEvent<V> {
        @Override
        public Optional<String> token() {
            return Optional.of(WatchEvent.token(historyId, index));
        }
    }

    /**
     * Rows as they are at the index that the watch begins from, where {@link Watch#snapshotFirst()} asked for them: in several events,
     * all of the same index.
     *
     * @param index the state that they are of
     * @param historyId the history that the index belongs to
     * @param rows some of them, by table and key in the order of the filters
     * @param unreadable others, which are there and which the codec cannot read
     * @param first these are the first: forget what is held from before
     * @param last these were all; what is not among them is not there. Changes behind the index follow
     */
    record Snapshot<V>(
            long index,
            String historyId,
            List<Row<V>> rows,
            List<UnreadableRow> unreadable,
            boolean first,
            boolean last)
            implements WatchEvent<V> {

        public Snapshot {
            rows = List.copyOf(rows);
            unreadable = List.copyOf(unreadable);
        }

        /** Only the last one has it: before, rows are missing. */
        @Override
        public Optional<String> token() {
            return last ? Optional.of(WatchEvent.token(historyId, index)) : Optional.empty();
        }
    }

    /**
     * A row of a {@link Snapshot} whose value the codec cannot read.
     *
     * @param failure what the codec said
     */
    record UnreadableRow(String table, String key, CodecException failure) {}

    /**
     * A commit.
     *
     * @param index of the commit
     * @param historyId the history that the index belongs to
     * @param time its log time
     * @param changes all that it did to rows that are watched, in the order in which it did it; never empty
     */
    record Commit<V>(long index, String historyId, Instant time, List<Change<V>> changes) implements WatchEvent<V> {
        public Commit {
            changes = List.copyOf(changes);
        }

        @Override
        public Optional<String> token() {
            return Optional.of(WatchEvent.token(historyId, index));
        }
    }

    /**
     * A sign of life: nothing else happened up to there. Comes at least as often as {@link Watch#heartbeat} says; where the listener is
     * slow, the last one only.
     *
     * @param index every change at or below it has been told
     * @param historyId the history that the index belongs to
     * @param time the log time of the index; null: not known
     * @param staleness how old the server takes its state to be; null: not known. For people: it proves nothing about what was told
     * @param servedBy who sends
     */
    record Progress<V>(
            long index,
            String historyId,
            @Nullable Instant time,
            @Nullable Duration staleness,
            ServedBy servedBy) implements WatchEvent<V> {
        @Override
        public Optional<String> token() {
            return Optional.of(WatchEvent.token(historyId, index));
        }
    }

    /**
     * Nobody sends at present, and others are tried, for ever: {@link Resumed} follows, or {@link Opened} if it was not open yet, or the
     * rest of the {@link Snapshot} that was being read.
     * Nothing is lost. Comes once, however often others fail, too.
     *
     * @param reason why; {@code SILENT_SERVER} where nothing came, {@code WATCHER_TOO_SLOW} where too little was taken, {@code MOVED} at a
     *     hand-over
     */
    record Disconnected<V>(TidemarkException reason) implements WatchEvent<V> {}

    /**
     * Somebody sends again. Changes go on behind the last one.
     *
     * @param index every change at or below it has been told
     * @param historyId the history that the index belongs to
     * @param servedBy who sends now
     */
    record Resumed<V>(long index, String historyId, ServedBy servedBy) implements WatchEvent<V> {
        @Override
        public Optional<String> token() {
            return Optional.of(WatchEvent.token(historyId, index));
        }
    }

    /**
     * Changes are missing, for good: what is held from before must be read anew. With {@link Watch#snapshotFirst()} that follows by
     * itself; without, the watch ends here, with the same reason.
     *
     * @param reason {@link HorizonPassedException}: they are no longer kept. {@link HistoryChangedException}: the cluster was restored,
     *     and indexes and versions from before mean nothing now
     */
    record HistoryLost<V>(TidemarkException reason) implements WatchEvent<V> {}

    private static String token(String historyId, long index) {
        return new SessionToken(new HistoryId(historyId), index).text();
    }
}
