// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.watch;

import com.linecorp.armeria.common.HttpResponse;
import io.tidemark.api.ProtoTimes;
import io.tidemark.client.Change;
import io.tidemark.client.Row;
import io.tidemark.client.Watch;
import io.tidemark.client.WatchEvent;
import io.tidemark.client.WatchHandle;
import io.tidemark.client.WatchListener;
import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WatchPreviousRow;
import io.tidemark.proto.v1.WatchRequestOrBuilder;
import io.tidemark.proto.v1.WatchResponse;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Problems;
import io.tidemark.rest.http.Responses;
import io.tidemark.rest.json.ContractJson;
import io.tidemark.rest.json.ValueForms;
import io.tidemark.rest.kv.Protos;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells a reader of a watch. Until the watch stands, the answer is open: one that cannot stand is a problem with its own status, and not a stream that
 * ends at once. All of it happens on the event loop of the reader.
 */
final class WatchedEvents implements WatchListener<byte[]> {

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final EventStream stream;
    private final Set<ChangeKind> kinds;
    private final ValueForm form;
    private final boolean valuesBefore;
    private final CompletableFuture<HttpResponse> answer = new CompletableFuture<>();

    WatchedEvents(EventStream stream, Set<ChangeKind> kinds, WatchRequestOrBuilder request) {
        this.stream = stream;
        this.kinds = kinds;
        this.form = request.getValueForm();
        this.valuesBefore = request.getPreviousRow() == WatchPreviousRow.WATCH_PREVIOUS_ROW_FULL;
    }

    CompletableFuture<HttpResponse> start(Watch<byte[]> watch) {
        WatchHandle handle;
        try {
            handle = watch.start(this, stream.pace());
        } catch (RuntimeException e) {
            stream.response().abort();
            throw e;
        }
        var unused = stream.response().whenComplete().handle((done, failure) -> {
            handle.close();
            answer.complete(Responses.of(ended()).toHttpResponse());
            return null;
        });
        return answer;
    }

    @Override
    public void onEvent(WatchEvent<byte[]> event) {
        if (event instanceof WatchEvent.HistoryLost) {
            // The end follows, with the same reason.
            return;
        }
        if (!answer.isDone()) {
            stream.begin(RETRY);
            answer.complete(stream.response());
        }
        if (event instanceof WatchEvent.Opened<byte[]> opened) {
            stream.event(
                    "opened",
                    id(event),
                    json(opened.historyId(), opened.index(), opened.servedBy().id(), null, null));
        } else if (event instanceof WatchEvent.Resumed<byte[]> resumed) {
            stream.event(
                    "resumed",
                    id(event),
                    json(
                            resumed.historyId(),
                            resumed.index(),
                            resumed.servedBy().id(),
                            null,
                            null));
        } else if (event instanceof WatchEvent.Progress<byte[]> progress) {
            stream.event(
                    "progress",
                    id(event),
                    json(
                            progress.historyId(),
                            progress.index(),
                            progress.servedBy().id(),
                            progress.time(),
                            progress.staleness()));
        } else if (event instanceof WatchEvent.Disconnected<byte[]> disconnected) {
            stream.event(
                    "disconnected", null, Problems.of(disconnected.reason()).toJson());
        } else if (event instanceof WatchEvent.Commit<byte[]> commit) {
            commit(commit);
        }
    }

    @Override
    public void onEnd(Optional<Throwable> failure) {
        Problem why = failure.map(Problems::of).orElseGet(WatchedEvents::ended);
        if (answer.complete(Responses.of(why).toHttpResponse())) {
            stream.response().abort();
        } else {
            stream.end(why);
        }
    }

    private static Problem ended() {
        return Problem.of(503, "STOPPING", "the watch was closed; go on elsewhere from the last id")
                .withRetryAfter(RETRY);
    }

    private void commit(WatchEvent.Commit<byte[]> commit) {
        WatchResponse.Builder message = WatchResponse.newBuilder()
                .setThroughIndex(commit.index())
                .setThroughTime(ProtoTimes.timestamp(commit.time()));
        for (Change<byte[]> change : commit.changes()) {
            io.tidemark.proto.v1.WatchEvent told = event(change, commit.time());
            if (kinds.contains(told.getKind())) {
                message.addEvents(told);
            }
        }
        if (message.getEventsCount() > 0) {
            stream.event("commit", id(commit), ContractJson.print(message.build()));
        }
    }

    private static @Nullable String id(WatchEvent<?> event) {
        return event.token().orElse(null);
    }

    private static String json(
            String historyId, long index, String servedBy, @Nullable Instant time, @Nullable Duration staleness) {
        // Role, term and applied index of the server do not come through the SDK; the last one is not below this one.
        ResponseHeader.Builder header = ResponseHeader.newBuilder()
                .setHistoryId(historyId)
                .setServedBy(servedBy)
                .setAppliedIndex(index);
        if (staleness != null) {
            header.setStaleness(ProtoTimes.duration(staleness));
        }
        WatchResponse.Builder message =
                WatchResponse.newBuilder().setHeader(header).setThroughIndex(index);
        if (time != null) {
            message.setThroughTime(ProtoTimes.timestamp(time));
        }
        JsonNode tree = ContractJson.EXACT.readTree(ContractJson.print(message.build()));
        if (tree.get("header") instanceof ObjectNode told) {
            // Zeros would be taken for what they are not.
            told.remove(List.of("servedByRole", "term"));
        }
        return ContractJson.EXACT.writeValueAsString(tree);
    }

    private io.tidemark.proto.v1.WatchEvent event(Change<byte[]> change, Instant time) {
        io.tidemark.proto.v1.WatchEvent.Builder event = io.tidemark.proto.v1.WatchEvent.newBuilder()
                .setIndex(change.index())
                .setTime(ProtoTimes.timestamp(time))
                .setPosition(change.position());
        if (change instanceof Change.Put<byte[]> put) {
            event.setKind(ChangeKind.CHANGE_KIND_PUT).setRow(row(put.row()));
            previous(event, put.previous(), put.previousMissing());
            return event.build();
        }
        io.tidemark.proto.v1.Row.Builder row =
                io.tidemark.proto.v1.Row.newBuilder().setTable(change.table()).setModifiedIndex(change.index());
        String key = change.key();
        if (key != null) {
            row.setKey(key);
        }
        event.setRow(row);
        if (change instanceof Change.Delete<byte[]> delete) {
            previous(event.setKind(ChangeKind.CHANGE_KIND_DELETE), delete.previous(), delete.previousMissing());
        } else if (change instanceof Change.Expire<byte[]> expire) {
            previous(event.setKind(ChangeKind.CHANGE_KIND_EXPIRE), expire.previous(), expire.previousMissing());
        } else if (change instanceof Change.TableDropped<byte[]>) {
            event.setKind(ChangeKind.CHANGE_KIND_TABLE_DROPPED);
        }
        return event.build();
    }

    private void previous(
            io.tidemark.proto.v1.WatchEvent.Builder event, @Nullable Row<byte[]> previous, boolean missing) {
        if (previous != null) {
            io.tidemark.proto.v1.Row row = row(previous);
            event.setPreviousRow(valuesBefore ? row : Protos.withoutValue(row));
        }
        if (missing) {
            event.setPreviousRowMissing(true);
        }
    }

    private io.tidemark.proto.v1.Row row(Row<byte[]> row) {
        return ValueForms.applyLeniently(Protos.row(row), form);
    }
}
