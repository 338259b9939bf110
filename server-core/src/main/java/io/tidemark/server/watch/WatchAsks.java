// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.api.ProtoTimes;
import io.tidemark.api.UnknownFields;
import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.WatchFilter;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.store.KeySpan;
import io.tidemark.store.Refusal;
import io.tidemark.store.RefusedException;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.Utf8;
import io.tidemark.store.validate.NameRules;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a {@code WatchRequest}; the comments there are the rules. */
final class WatchAsks {

    private static final Duration HEARTBEAT_DEFAULT = Duration.ofSeconds(1);
    private static final Duration HEARTBEAT_MIN = Duration.ofMillis(100);
    /** Whoever allows more silence hears of the server this often all the same. */
    private static final Duration HEARTBEAT_MAX = Duration.ofHours(1);

    private static final int NANOS_PER_SECOND = 1_000_000_000;

    private final WatchRequest request;
    private final Set<RowName> keys = new HashSet<>();
    private final Set<RowName> prefixes = new HashSet<>();
    private final Set<KeySpan> spans = new HashSet<>();

    private WatchAsks(WatchRequest request) {
        this.request = request;
    }

    /**
     * What a request asks of a server with that history.
     *
     * @throws StatusRuntimeException if it is wrong, or of another history
     */
    static WatchAsk of(WatchRequest request, HistoryId history, int shardCount, int filtersMax) {
        try {
            return new WatchAsks(request).read(history, shardCount, filtersMax);
        } catch (RefusedException e) {
            throw e.refusal().status().toException();
        }
    }

    private WatchAsk read(HistoryId history, int shardCount, int filtersMax) {
        requireKnown();
        ReadAsks.requireHistory(request.hasHistoryId() ? request.getHistoryId() : null, history);
        if (request.hasFromIndex()) {
            require(request.getFromIndex() > 0, "from_index", "expected: 1 or above");
            require(request.hasHistoryId(), "history_id", "expected: the history that from_index is an index of");
        }
        require(
                request.getFiltersCount() <= filtersMax,
                "filters",
                request.getFiltersCount() + " (expected: at most " + filtersMax + ")");
        boolean everything = request.getFiltersCount() == 0 && !request.hasTable();
        readSingleFilter();
        for (int i = 0; i < request.getFiltersCount(); i++) {
            readFilter("filters[" + i + "]", request.getFilters(i));
        }
        WatchedRows rows = new WatchedRows(everything, keys, prefixes, spans, shards(shardCount), kinds());
        return new WatchAsk(
                rows,
                request.getFromIndex(),
                request.getRowView(),
                request.getValueForm(),
                request.getPreviousRow(),
                heartbeatInterval());
    }

    private void requireKnown() {
        String unknown = UnknownFields.first(request);
        if (unknown != null) {
            throw unsupported(unknown);
        }
        requireKnown("row_view", request.getRowView().name());
        requireKnown("value_form", request.getValueForm().name());
        requireKnown("previous_row", request.getPreviousRow().name());
        for (int i = 0; i < request.getKindsCount(); i++) {
            requireKnown("kinds[" + i + "]", request.getKinds(i).name());
        }
    }

    private static void requireKnown(String field, String value) {
        if (value.equals("UNRECOGNIZED")) {
            throw unsupported(field);
        }
    }

    private static StatusRuntimeException unsupported(String field) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_UNSUPPORTED,
                        "this server does not know what " + field + " of the watch asks; it may be of an older version")
                .with(ErrorMetadata.FIELD, field)
                .toException();
    }

    private void readSingleFilter() {
        if (!request.hasTable()) {
            require(!request.hasKey(), "key", "expected: a table beside it");
            require(!request.hasPrefix(), "prefix", "expected: a table beside it");
            return;
        }
        require(request.getFiltersCount() == 0, "table", "expected: no filters beside it");
        require(!(request.hasKey() && request.hasPrefix()), "key", "expected: no prefix beside it");
        NameRules.requireTable("table", request.getTable());
        if (request.hasKey()) {
            NameRules.requireKey("key", request.getKey());
            keys.add(new RowName(request.getTable(), request.getKey()));
        } else {
            int bytes = Utf8.length(request.getPrefix());
            require(
                    bytes >= 0 && bytes <= NameRules.KEY_BYTES_MAX,
                    "prefix",
                    "expected: at most " + NameRules.KEY_BYTES_MAX + " bytes of UTF-8");
            prefixes.add(new RowName(request.getTable(), request.getPrefix()));
        }
    }

    private void readFilter(String field, WatchFilter filter) {
        NameRules.requireTable(field + ".table", filter.getTable());
        switch (filter.getRowsCase()) {
            case KEY -> {
                NameRules.requireKey(field + ".key", filter.getKey());
                keys.add(new RowName(filter.getTable(), filter.getKey()));
            }
            case RANGE -> {
                NameRules.requireRange(field + ".range", filter.getRange());
                readRange(filter.getTable(), filter.getRange());
            }
            case ROWS_NOT_SET -> prefixes.add(new RowName(filter.getTable(), ""));
        }
    }

    private void readRange(String table, KeyRange range) {
        if (range.hasPrefix() || (range.getStart().isEmpty() && !range.hasEnd())) {
            prefixes.add(new RowName(table, range.getPrefix()));
        } else {
            spans.add(KeySpan.of(table, range));
        }
    }

    private @Nullable Shards shards(int shardCount) {
        if (!request.hasShards()) {
            return null;
        }
        try {
            return Shards.of(request.getShards(), shardCount);
        } catch (IllegalArgumentException e) {
            throw Refusal.ofField("shards", String.valueOf(e.getMessage())).toException();
        }
    }

    private Set<ChangeKind> kinds() {
        Set<ChangeKind> kinds = EnumSet.noneOf(ChangeKind.class);
        for (int i = 0; i < request.getKindsCount(); i++) {
            require(
                    request.getKinds(i) != ChangeKind.CHANGE_KIND_UNSPECIFIED,
                    "kinds[" + i + "]",
                    "expected: a kind of change");
            kinds.add(request.getKinds(i));
        }
        return kinds;
    }

    private Duration heartbeatInterval() {
        if (!request.hasHeartbeatInterval()) {
            return HEARTBEAT_DEFAULT;
        }
        com.google.protobuf.Duration asked = request.getHeartbeatInterval();
        boolean sound = asked.getSeconds() >= 0 && asked.getNanos() >= 0 && asked.getNanos() < NANOS_PER_SECOND;
        Duration interval = sound ? ProtoTimes.duration(asked) : Duration.ZERO;
        require(
                interval.compareTo(HEARTBEAT_MIN) >= 0,
                "heartbeat_interval",
                asked.getSeconds() + " s and " + asked.getNanos() + " ns (expected: at least "
                        + HEARTBEAT_MIN.toMillis() + " ms)");
        return interval.compareTo(HEARTBEAT_MAX) > 0 ? HEARTBEAT_MAX : interval;
    }

    private static void require(boolean holds, String field, String problem) {
        if (!holds) {
            throw Refusal.ofField(field, problem).toException();
        }
    }
}
