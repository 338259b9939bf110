// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.watch;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import io.tidemark.api.ProtoTimes;
import io.tidemark.api.SessionToken;
import io.tidemark.client.Session;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.Watch;
import io.tidemark.client.WatchFilter;
import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.WatchPreviousRow;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.json.ContractJson;
import io.tidemark.rest.json.Fields;
import io.tidemark.rest.kv.RawCodec;
import io.tidemark.rest.kv.Sessions;
import io.tidemark.rest.routing.Exchange;
import io.tidemark.rest.routing.Handler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A watch as server-sent events: what to watch stands in the query of a {@code GET}, or in the body of a {@code POST}. Each event's id is where to go on
 * behind it; a reader that comes back says it in {@code Last-Event-ID}.
 */
public final class WatchHandler implements Handler {

    /** What waits between servers and the stream is little: it does not count among what watchers may leave unread. */
    private static final long BUFFER_BYTES = 32 << 10;

    private final TidemarkClient client;
    private final Sessions sessions;
    private final Watchers watchers;
    private final Options options;

    /**
     * What watches are like.
     *
     * @param heartbeat of watches that do not say
     * @param bytesMax how much may be under way to a reader
     * @param stallMax how long a reader may take nothing
     */
    public record Options(Duration heartbeat, long bytesMax, Duration stallMax) {}

    public WatchHandler(TidemarkClient client, Sessions sessions, Watchers watchers, Options options) {
        this.client = client;
        this.sessions = sessions;
        this.watchers = watchers;
        this.options = options;
    }

    @Override
    public CompletionStage<HttpResponse> handle(Exchange exchange) {
        WatchRequest.Builder request = WatchRequest.newBuilder();
        exchange.target().query().forEach((name, values) -> Fields.set(request, name, values));
        if (exchange.context().method() == HttpMethod.POST) {
            exchange.allowParameters(List.of());
            ContractJson.merge(exchange.jsonBody(), request);
        }
        Watch<byte[]> watch = watch(exchange, request.build());
        watchers.enter();
        EventStream stream = new EventStream(exchange.context(), watchers, options.bytesMax(), options.stallMax());
        var unused = stream.response().whenComplete().handle((done, failure) -> {
            watchers.left(stream);
            return null;
        });
        watchers.opened(stream);
        return new WatchedEvents(stream, kinds(request), request).start(watch);
    }

    @Override
    public boolean lasting() {
        return true;
    }

    private Watch<byte[]> watch(Exchange exchange, WatchRequest request) {
        if (request.hasShards()) {
            throw Problem.of(
                            400,
                            "UNSUPPORTED",
                            "shards: not over HTTP (expected: filters by table, key, prefix and range)")
                    .toException();
        }
        Duration heartbeat = request.hasHeartbeatInterval()
                ? ProtoTimes.duration(request.getHeartbeatInterval())
                : options.heartbeat();
        if (heartbeat.compareTo(Duration.ofMillis(100)) < 0) {
            throw Problem.invalid(
                            "heartbeat_interval", "heartbeat_interval: " + heartbeat + " (expected: at least 0.1s)")
                    .toException();
        }
        Session session = sessions.session(exchange);
        if (request.hasHistoryId()) {
            session.advanceTo("tm1." + request.getHistoryId() + ".0");
        }
        request.getSessionTokensList().forEach(session::advanceTo);
        Watch<byte[]> watch = client.watch(new RawCodec("application/octet-stream"), filters(request))
                .in(session)
                .heartbeat(heartbeat)
                .bufferBytes(Math.min(options.bytesMax(), BUFFER_BYTES));
        String place = place(exchange, request);
        if (place != null) {
            watch = watch.after(place);
        }
        if (request.getRowView() == RowView.ROW_VIEW_METADATA) {
            watch = watch.withoutValues();
        }
        boolean previous = request.getPreviousRow() == WatchPreviousRow.WATCH_PREVIOUS_ROW_METADATA
                || request.getPreviousRow() == WatchPreviousRow.WATCH_PREVIOUS_ROW_FULL;
        return previous ? watch.withPrevious() : watch;
    }

    /** Behind which state; null: the present one. A reader that comes back knows better than what it first asked for. */
    private static @Nullable String place(Exchange exchange, WatchRequest request) {
        String lastEventId = exchange.header("last-event-id");
        if (lastEventId != null && !lastEventId.isBlank()) {
            try {
                return SessionToken.parse(lastEventId.strip()).text();
            } catch (IllegalArgumentException e) {
                throw Problem.invalid(
                                "Last-Event-ID", "Last-Event-ID: '" + lastEventId + "' (expected: the id of an event)")
                        .toException();
            }
        }
        if (!request.hasFromIndex()) {
            return null;
        }
        if (!request.hasHistoryId() || request.getFromIndex() < 1) {
            throw Problem.invalid(
                            "from_index",
                            "from_index: " + request.getFromIndex()
                                    + " (expected: from 1 on, with the history_id that it is of)")
                    .toException();
        }
        try {
            return SessionToken.parse("tm1." + request.getHistoryId() + "." + (request.getFromIndex() - 1))
                    .text();
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(
                            "history_id", "history_id: '" + request.getHistoryId() + "' (expected: 16 of 0-9, a-z)")
                    .toException();
        }
    }

    private static WatchFilter[] filters(WatchRequest request) {
        List<WatchFilter> filters = new ArrayList<>();
        boolean one = request.hasTable() || request.hasKey() || request.hasPrefix();
        if (one
                && (!request.hasTable()
                        || request.getFiltersCount() > 0
                        || (request.hasKey() && request.hasPrefix()))) {
            throw Problem.invalid(
                            "table",
                            "watch: a table, with a key or a prefix or neither; or filters, and none of these (expected: one of it)")
                    .toException();
        }
        if (request.hasKey()) {
            filters.add(WatchFilter.key(request.getTable(), request.getKey()));
        } else if (request.hasPrefix()) {
            filters.add(WatchFilter.prefix(request.getTable(), request.getPrefix()));
        } else if (request.hasTable()) {
            filters.add(WatchFilter.table(request.getTable()));
        }
        for (io.tidemark.proto.v1.WatchFilter filter : request.getFiltersList()) {
            filters.add(
                    switch (filter.getRowsCase()) {
                        case KEY -> WatchFilter.key(filter.getTable(), filter.getKey());
                        case RANGE -> range(filter.getTable(), filter.getRange());
                        case ROWS_NOT_SET -> WatchFilter.table(filter.getTable());
                    });
        }
        return filters.toArray(WatchFilter[]::new);
    }

    private static WatchFilter range(String table, KeyRange range) {
        return range.hasPrefix()
                ? WatchFilter.prefix(table, range.getPrefix())
                : WatchFilter.range(
                        table, range.hasStart() ? range.getStart() : null, range.hasEnd() ? range.getEnd() : null);
    }

    private static Set<ChangeKind> kinds(WatchRequest.Builder request) {
        Set<ChangeKind> kinds = EnumSet.allOf(ChangeKind.class);
        if (request.getKindsCount() > 0) {
            kinds.removeAll(EnumSet.of(
                    ChangeKind.CHANGE_KIND_PUT, ChangeKind.CHANGE_KIND_DELETE, ChangeKind.CHANGE_KIND_EXPIRE));
            kinds.addAll(request.getKindsList());
        }
        return kinds;
    }
}
