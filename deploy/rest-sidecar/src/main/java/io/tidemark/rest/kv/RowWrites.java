// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpHeadersBuilder;
import com.linecorp.armeria.common.HttpResponse;
import io.tidemark.client.AsyncTable;
import io.tidemark.client.Condition;
import io.tidemark.client.DeleteResult;
import io.tidemark.client.Row;
import io.tidemark.client.Session;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.WriteOptions;
import io.tidemark.client.WriteResult;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.DeleteRequestOrBuilder;
import io.tidemark.proto.v1.DeleteResponse;
import io.tidemark.proto.v1.PatchRequest;
import io.tidemark.proto.v1.PatchRequestOrBuilder;
import io.tidemark.proto.v1.PatchResponse;
import io.tidemark.proto.v1.PreviousRow;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutRequestOrBuilder;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.rest.http.EntityTag;
import io.tidemark.rest.http.MediaTypes;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Responses;
import io.tidemark.rest.http.Target;
import io.tidemark.rest.json.ContractJson;
import io.tidemark.rest.json.ValueForms;
import io.tidemark.rest.routing.Exchange;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Writes of one row, whose body is the row's own value. */
public final class RowWrites {

    /** The media types of a merge patch. */
    public static final String MERGE_PATCH = "application/merge-patch+json";

    /** How many rows a delete found: 0 or 1. */
    public static final String DELETED_ROWS = "tidemark-deleted-rows";

    private static final int CONTENT_TYPE_BYTES_MAX = 255;

    private final TidemarkClient client;
    private final Sessions sessions;
    private final Stamps stamps;
    private final Failures failures;

    public RowWrites(TidemarkClient client, Sessions sessions, Stamps stamps, Failures failures) {
        this.client = client;
        this.sessions = sessions;
        this.stamps = stamps;
        this.failures = failures;
    }

    /** Writes the body. */
    public CompletionStage<HttpResponse> put(Exchange exchange) {
        PutRequest.Builder request = PutRequest.newBuilder();
        Requests.fillBut("value", exchange, request);
        Names.check(request.getTable(), request.getKey());
        boolean previous = wanted(request.getPreviousRow()).isPresent();
        Conditions condition = Conditions.of(
                exchange, request.hasCondition() ? request.getCondition() : null, historyId(request.getWriteOptions()));
        String contentType = contentType(exchange);
        WriteOptions options = WriteAsk.options(
                exchange,
                sessions.session(exchange),
                request.getWriteOptions(),
                request.hasExpiry() ? request.getExpiry() : null);
        AsyncTable<byte[]> table = table(request.getTable(), contentType);
        return answered(
                exchange,
                put(
                        table,
                        request.getKey(),
                        exchange.body(),
                        condition.condition(),
                        previous ? options.withPreviousRow() : options),
                condition,
                result -> written(exchange, result, request));
    }

    /** Merges the body into the row. */
    public CompletionStage<HttpResponse> patch(Exchange exchange) {
        PatchRequest.Builder request = PatchRequest.newBuilder();
        Requests.fillBut("patch", exchange, request);
        Names.check(request.getTable(), request.getKey());
        AggregatedHttpResponse refused = refusedPatch(exchange);
        if (refused != null) {
            return CompletableFuture.completedFuture(refused.toHttpResponse());
        }
        var unused = ContractJson.read(exchange.body());
        Conditions condition = Conditions.of(
                exchange, request.hasCondition() ? request.getCondition() : null, historyId(request.getWriteOptions()));
        Session session = sessions.session(exchange);
        WriteOptions options = WriteAsk.options(
                exchange, session, request.getWriteOptions(), request.hasExpiry() ? request.getExpiry() : null);
        String patch = new String(exchange.body(), StandardCharsets.UTF_8);
        return answered(
                exchange,
                patch(
                        table(request.getTable(), "application/json"),
                        request.getKey(),
                        patch,
                        condition.condition(),
                        options),
                condition,
                result -> patched(exchange, result, request));
    }

    /** Deletes the row. */
    public CompletionStage<HttpResponse> delete(Exchange exchange) {
        DeleteRequest.Builder request = DeleteRequest.newBuilder();
        Requests.fill(exchange, request);
        Names.check(request.getTable(), request.getKey());
        boolean previous = wanted(request.getPreviousRow()).isPresent();
        Conditions condition = Conditions.of(
                exchange, request.hasCondition() ? request.getCondition() : null, historyId(request.getWriteOptions()));
        WriteOptions options = WriteAsk.options(exchange, sessions.session(exchange), request.getWriteOptions(), null);
        return answered(
                exchange,
                delete(
                        table(request.getTable(), "application/octet-stream"),
                        request.getKey(),
                        condition.condition(),
                        previous ? options.withPreviousRow() : options),
                condition,
                result -> deleted(exchange, result, request));
    }

    /** What a body that is not a merge patch gets; null: it is one. */
    public static @Nullable AggregatedHttpResponse refusedPatch(Exchange exchange) {
        String type = exchange.mediaType();
        return type.equals(MERGE_PATCH) || type.equals("application/json")
                ? null
                : Responses.of(
                        Problem.of(
                                415,
                                "UNSUPPORTED_MEDIA_TYPE",
                                "Content-Type: '" + type + "' (expected: " + MERGE_PATCH + ")"),
                        HttpHeaders.of("accept-patch", MERGE_PATCH));
    }

    private AsyncTable<byte[]> table(String name, String contentType) {
        return client.table(name, new RawCodec(contentType)).async();
    }

    private static CompletableFuture<WriteResult<byte[]>> put(
            AsyncTable<byte[]> table,
            String key,
            byte[] body,
            @Nullable Condition<byte[]> condition,
            WriteOptions options) {
        return condition == null ? table.put(key, body, options) : table.put(key, body, condition, options);
    }

    private static CompletableFuture<WriteResult<byte[]>> patch(
            AsyncTable<byte[]> table,
            String key,
            String patch,
            @Nullable Condition<byte[]> condition,
            WriteOptions options) {
        return condition == null ? table.patch(key, patch, options) : table.patch(key, patch, condition, options);
    }

    private static CompletableFuture<DeleteResult<byte[]>> delete(
            AsyncTable<byte[]> table, String key, @Nullable Condition<byte[]> condition, WriteOptions options) {
        return condition == null ? table.delete(key, options) : table.delete(key, condition, options);
    }

    private <T> CompletionStage<HttpResponse> answered(
            Exchange exchange,
            CompletableFuture<T> result,
            Conditions condition,
            Function<T, AggregatedHttpResponse> answer) {
        return result.handle((done, failure) ->
                failure == null ? answer.apply(done).toHttpResponse() : failures.ofWrite(exchange, failure, condition));
    }

    private AggregatedHttpResponse written(Exchange exchange, WriteResult<byte[]> result, PutRequestOrBuilder request) {
        Row<byte[]> row = result.row();
        HttpHeaders headers = headers(exchange, result, row).build();
        Optional<PreviousRow> wanted = wanted(request.getPreviousRow());
        if (wanted.isEmpty()) {
            return Responses.empty(row.version() == 1 ? 201 : 204, headers);
        }
        PutResponse.Builder document = PutResponse.newBuilder()
                .setIndex(result.index())
                .setRow(Protos.row(row).toBuilder().clearValue())
                .setReplayed(result.replayed());
        result.previousRow()
                .ifPresent(before -> document.setPreviousRow(previous(before, wanted.get(), request.getValueForm())));
        return Responses.json(row.version() == 1 ? 201 : 200, ContractJson.print(document.build()), headers);
    }

    private AggregatedHttpResponse patched(
            Exchange exchange, WriteResult<byte[]> result, PatchRequestOrBuilder request) {
        Row<byte[]> row = result.row();
        HttpHeadersBuilder headers = headers(exchange, result, row);
        if (request.getRowView() != RowView.ROW_VIEW_UNSPECIFIED
                || request.getValueForm() != ValueForm.VALUE_FORM_UNSPECIFIED) {
            io.tidemark.proto.v1.Row told = ValueForms.applyLeniently(Protos.row(row), request.getValueForm());
            PatchResponse document = PatchResponse.newBuilder()
                    .setIndex(result.index())
                    .setRow(request.getRowView() == RowView.ROW_VIEW_METADATA ? Protos.withoutValue(told) : told)
                    .setReplayed(result.replayed())
                    .build();
            return Responses.json(row.version() == 1 ? 201 : 200, ContractJson.print(document), headers.build());
        }
        return row.value() == null
                ? Responses.empty(204, headers.build())
                : RowGet.body(
                        row.version() == 1 ? 201 : 200,
                        Protos.row(row),
                        headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store"));
    }

    private AggregatedHttpResponse deleted(
            Exchange exchange, DeleteResult<byte[]> result, DeleteRequestOrBuilder request) {
        HttpHeadersBuilder headers = stamps.of(exchange, result.header());
        headers.set(DELETED_ROWS, result.deleted() ? "1" : "0");
        Stamps.replayed(headers, result.replayed());
        Optional<PreviousRow> wanted = wanted(request.getPreviousRow());
        if (wanted.isEmpty()) {
            return Responses.empty(204, headers.build());
        }
        DeleteResponse.Builder document = DeleteResponse.newBuilder()
                .setIndex(result.index())
                .setDeletedRows(result.deleted() ? 1 : 0)
                .setReplayed(result.replayed());
        result.previousRow()
                .ifPresent(before -> document.setPreviousRow(previous(before, wanted.get(), request.getValueForm())));
        return Responses.json(200, ContractJson.print(document.build()), headers.build());
    }

    private HttpHeadersBuilder headers(Exchange exchange, WriteResult<byte[]> result, Row<byte[]> row) {
        return Stamps.replayed(stamps.of(exchange, result.header()), result.replayed())
                .set(HttpHeaderNames.ETAG, new EntityTag(result.header().historyId(), row.modifiedIndex(), "").text());
    }

    private static Optional<PreviousRow> wanted(PreviousRow previous) {
        return previous == PreviousRow.PREVIOUS_ROW_FULL || previous == PreviousRow.PREVIOUS_ROW_METADATA
                ? Optional.of(previous)
                : Optional.empty();
    }

    private static io.tidemark.proto.v1.Row previous(Row<byte[]> before, PreviousRow wanted, ValueForm form) {
        io.tidemark.proto.v1.Row row = Protos.row(before);
        return wanted == PreviousRow.PREVIOUS_ROW_METADATA
                ? Protos.withoutValue(row)
                : ValueForms.applyLeniently(row, form);
    }

    private static @Nullable String historyId(io.tidemark.proto.v1.WriteOptions options) {
        return options.hasHistoryId() ? options.getHistoryId() : null;
    }

    /** The body's own media type. What clients send without being told to is no statement about it. */
    private static String contentType(Exchange exchange) {
        String given = exchange.header(HttpHeaderNames.CONTENT_TYPE);
        String essence = exchange.mediaType();
        if (essence.equals("application/x-www-form-urlencoded") || essence.equals("multipart/form-data")) {
            throw Problem.of(
                            415,
                            "UNSUPPORTED_MEDIA_TYPE",
                            "Content-Type: " + essence
                                    + ", which curl and forms send unasked (expected: what the body is, as"
                                    + " in application/json, text/plain or application/octet-stream)")
                    .toException();
        }
        if (given == null || given.isBlank()) {
            return "application/octet-stream";
        }
        if (given.length() > CONTENT_TYPE_BYTES_MAX || !MediaTypes.isOne(given)) {
            String shown = given.length() > 64 ? given.substring(0, 64) + "..." : given;
            throw Problem.invalid(
                            "Content-Type",
                            "Content-Type: '" + shown + "' (expected: a media type, as in text/plain, of at most "
                                    + CONTENT_TYPE_BYTES_MAX + " bytes)")
                    .toException();
        }
        if (ValueForms.isJson(essence)) {
            var unused = ContractJson.read(exchange.body());
        } else if (essence.startsWith("text/") && !given.contains("charset")) {
            var unused = Target.utf8(exchange.body(), "body");
        }
        return given;
    }
}
