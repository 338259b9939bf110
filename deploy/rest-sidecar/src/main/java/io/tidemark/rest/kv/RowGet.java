// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeadersBuilder;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import io.tidemark.client.internal.gateway.Answered;
import io.tidemark.client.internal.gateway.Gateway;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.rest.http.EntityTag;
import io.tidemark.rest.http.MediaTypes;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Responses;
import io.tidemark.rest.json.ContractJson;
import io.tidemark.rest.json.ValueForms;
import io.tidemark.rest.routing.Exchange;
import io.tidemark.rest.routing.Handler;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A row as its own body, or on request as the document that describes it. */
public final class RowGet implements Handler {

    /** Who accepts this gets the document. */
    public static final String ROW_TYPE = "application/vnd.tidemark.row+json";

    private final Gateway gateway;
    private final Asks asks;
    private final Stamps stamps;
    private final CacheRules cacheRules;

    public RowGet(Gateway gateway, Asks asks, Stamps stamps, CacheRules cacheRules) {
        this.gateway = gateway;
        this.asks = asks;
        this.stamps = stamps;
        this.cacheRules = cacheRules;
    }

    @Override
    public CompletionStage<HttpResponse> handle(Exchange exchange) {
        GetRequest.Builder request = GetRequest.newBuilder();
        Requests.fill(exchange, request);
        ReadOptions stated = request.getReadOptions();
        request.setReadOptions(asks.of(exchange, stated));
        return get(exchange, request.build(), stated);
    }

    /**
     * What a request is for is known.
     *
     * @param stated what of its asks comes from its parameters or its route
     */
    public CompletionStage<HttpResponse> get(Exchange exchange, GetRequest request, ReadOptions stated) {
        return gateway.completingOn(exchange.context().eventLoop().withoutContext())
                .get(Names.checked(request), exchange.deadline())
                .thenCombine(
                        cacheRules.ageOf(request.getTable()),
                        (answered, age) ->
                                answer(exchange, request, stated, answered, age).toHttpResponse());
    }

    private AggregatedHttpResponse answer(
            Exchange exchange,
            GetRequest request,
            ReadOptions stated,
            Answered<GetResponse> answered,
            Optional<Duration> cacheAge) {
        HttpHeadersBuilder headers = stamps.ofRead(exchange, answered.header());
        cacheRules.tell(headers, exchange, stated, answered.header(), cacheAge);
        GetResponse message = answered.message();
        boolean document = isDocument(exchange, request);
        EntityTag tag = new EntityTag(
                answered.header().historyId(), message.getRow().getModifiedIndex(), document ? EntityTag.ROW_FORM : "");
        if (!isMeant(exchange, message, tag)) {
            return notMeant(request, message, tag, headers);
        }
        if (!message.hasRow()) {
            Problem absent = Problem.of(
                    404,
                    "ROW_NOT_FOUND",
                    request.getTable() + "/" + request.getKey() + ": there is no such row as of index "
                            + answered.header().index());
            return Responses.of(absent, headers.build());
        }
        headers.set(HttpHeaderNames.ETAG, tag.text());
        String known = exchange.joined(HttpHeaderNames.IF_NONE_MATCH);
        if (known != null && EntityTag.Listed.parse("If-None-Match", known).names(tag)) {
            String packed = EntityTag.packed(tag.text());
            if (known.contains(packed)) {
                // It goes on with what it has.
                headers.set(HttpHeaderNames.ETAG, packed);
            }
            return AggregatedHttpResponse.of(ResponseHeaders.builder(HttpStatus.NOT_MODIFIED)
                    .set(headers.build())
                    .build());
        }
        if (accepts(exchange)) {
            headers.set(HttpHeaderNames.CONTENT_TYPE, ROW_TYPE);
        }
        return document
                ? Responses.json(200, ContractJson.print(inForm(message, request.getValueForm())), headers.build())
                : body(200, message.getRow(), headers);
    }

    /** Whether the row is what {@code If-Match} names, if it is there. */
    private static boolean isMeant(Exchange exchange, GetResponse message, EntityTag tag) {
        String meant = exchange.joined(HttpHeaderNames.IF_MATCH);
        if (meant == null) {
            return true;
        }
        EntityTag.Listed listed = EntityTag.Listed.parse("If-Match", meant);
        return message.hasRow() && listed.namesExactly(tag);
    }

    private static AggregatedHttpResponse notMeant(
            GetRequest request, GetResponse message, EntityTag tag, HttpHeadersBuilder headers) {
        headers.set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        if (message.hasRow()) {
            headers.set(HttpHeaderNames.ETAG, tag.text());
        }
        Problem problem = Problem.of(
                        412,
                        "CONDITION_FAILED",
                        request.getTable() + "/" + request.getKey() + ": it is not the row that If-Match names")
                .with(
                        "current",
                        message.hasRow()
                                ? ContractJson.print(
                                        ValueForms.applyLeniently(message.getRow(), request.getValueForm()))
                                : "null");
        return Responses.of(problem, headers.build());
    }

    private static GetResponse inForm(GetResponse message, ValueForm form) {
        return message.toBuilder()
                .setRow(ValueForms.apply(message.getRow(), form))
                .build();
    }

    /** The user's own bytes. A browser that is led here runs nothing of them as if it were ours. */
    public static AggregatedHttpResponse body(int status, Row row, HttpHeadersBuilder headers) {
        byte[] bytes = row.getValue().getBytes().toByteArray();
        ResponseHeadersBuilder all = ResponseHeaders.builder(HttpStatus.valueOf(status))
                .set(headers.build())
                .set(
                        HttpHeaderNames.CONTENT_TYPE,
                        MediaTypes.inHeader(row.getValue().getContentType()))
                .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'")
                // Or they would be copied, to add it.
                .contentLength(bytes.length);
        return AggregatedHttpResponse.of(all.build(), HttpData.wrap(bytes));
    }

    private static boolean isDocument(Exchange exchange, GetRequest request) {
        if (request.getValueForm() != ValueForm.VALUE_FORM_UNSPECIFIED
                || request.getRowView() != RowView.ROW_VIEW_UNSPECIFIED) {
            return true;
        }
        return accepts(exchange);
    }

    private static boolean accepts(Exchange exchange) {
        String accept = exchange.joined(HttpHeaderNames.ACCEPT);
        return accept != null && accept.toLowerCase(Locale.ROOT).contains(ROW_TYPE);
    }
}
