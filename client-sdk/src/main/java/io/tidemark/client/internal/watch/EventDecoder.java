// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.watch;

import io.tidemark.client.Change;
import io.tidemark.client.Codec;
import io.tidemark.client.CodecException;
import io.tidemark.client.Row;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.internal.session.Seen;
import io.tidemark.client.internal.wire.Headers;
import io.tidemark.client.internal.wire.Values;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Gives users what waited for them, through their codec, on their thread; and tells their session what they are about to see, so that a
 * read from within a listener does not see less.
 */
public final class EventDecoder<V> implements Function<Signal, Iterator<WatchEvent<V>>> {

    private final Codec<V> codec;
    private final Supplier<Seen> session;
    /** What the session has seen. Owned by whoever takes the events. */
    private Supplier<Seen> seen;

    /**
     * @param seen what the session had seen when the watch began: what is of the history before a reset does not come back by it
     * @param session what it has seen by now: counts once history is lost, which is when users reset it
     */
    public EventDecoder(Codec<V> codec, Seen seen, Supplier<Seen> session) {
        this.codec = codec;
        this.seen = () -> seen;
        this.session = session;
    }

    @Override
    public Iterator<WatchEvent<V>> apply(Signal signal) {
        return Stream.of(event(signal)).iterator();
    }

    // A notice holds no values, whatever they are.
    @SuppressWarnings("unchecked")
    private WatchEvent<V> event(Signal signal) {
        if (signal instanceof Signal.Told told) {
            saw(told.historyId(), told.index());
            List<Change<V>> changes = told.changes().stream()
                    .map(change -> change(change, told.historyId()))
                    .toList();
            return new WatchEvent.Commit<>(told.index(), told.historyId(), Headers.instant(told.time()), changes);
        }
        if (signal instanceof Signal.SnapshotRows some) {
            saw(some.historyId(), some.index());
            return snapshot(some);
        }
        WatchEvent<V> told = (WatchEvent<V>) ((Signal.Notice) signal).event();
        if (told instanceof WatchEvent.HistoryLost<V>) {
            seen = session;
        }
        return told;
    }

    /** One row that cannot be read takes nothing from the others. */
    private WatchEvent<V> snapshot(Signal.SnapshotRows some) {
        List<Row<V>> rows = new ArrayList<>(some.rows().size());
        List<WatchEvent.UnreadableRow> unreadable = new ArrayList<>();
        for (io.tidemark.proto.v1.Row row : some.rows()) {
            try {
                rows.add(Values.row(codec, row, some.historyId()));
            } catch (CodecException e) {
                unreadable.add(new WatchEvent.UnreadableRow(row.getTable(), row.getKey(), e));
            }
        }
        return new WatchEvent.Snapshot<>(some.index(), some.historyId(), rows, unreadable, some.first(), some.last());
    }

    /** A session of another history is told so by its next call. */
    private void saw(String historyId, long index) {
        boolean unused = seen.get().add(historyId, index);
    }

    private Change<V> change(io.tidemark.proto.v1.WatchEvent event, String historyId) {
        io.tidemark.proto.v1.Row row = event.getRow();
        long index = event.getIndex();
        int position = event.getPosition();
        Row<V> previous = event.hasPreviousRow() ? readable(event.getPreviousRow(), historyId) : null;
        boolean missing = event.getPreviousRowMissing() || (previous == null && event.hasPreviousRow());
        return switch (event.getKind()) {
            case CHANGE_KIND_PUT -> {
                try {
                    yield new Change.Put<>(index, position, Values.row(codec, row, historyId), previous, missing);
                } catch (CodecException e) {
                    yield new Change.Unreadable<>(index, position, row.getTable(), row.getKey(), e);
                }
            }
            case CHANGE_KIND_DELETE ->
                new Change.Delete<>(index, position, row.getTable(), row.getKey(), previous, missing);
            case CHANGE_KIND_EXPIRE ->
                new Change.Expire<>(index, position, row.getTable(), row.getKey(), previous, missing);
            case CHANGE_KIND_TABLE_DROPPED -> new Change.TableDropped<>(index, position, row.getTable());
            case CHANGE_KIND_UNSPECIFIED, UNRECOGNIZED ->
                new Change.Unreadable<>(
                        index, position, row.getTable(), row.getKey().isEmpty() ? null : row.getKey(), null);
        };
    }

    private @Nullable Row<V> readable(io.tidemark.proto.v1.Row row, String historyId) {
        try {
            return Values.row(codec, row, historyId);
        } catch (CodecException e) {
            return null;
        }
    }
}
