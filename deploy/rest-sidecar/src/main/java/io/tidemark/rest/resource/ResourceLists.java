// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.resource;

import com.linecorp.armeria.common.HttpResponse;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.json.ValueForms;
import io.tidemark.rest.kv.Asks;
import io.tidemark.rest.kv.Reads;
import io.tidemark.rest.routing.Exchange;
import io.tidemark.rest.routing.Handler;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Lists of documents: an array of them, page by page; a {@code Link} header leads to the next page. */
public final class ResourceLists implements Handler {

    private static final int LIMIT_DEFAULT = 100;
    private static final int LIMIT_MAX = 1_000;

    private final ResourceSpec spec;
    private final Source source;

    /** Where rows come from. */
    public record Source(Reads reads, Asks asks) {}

    ResourceLists(ResourceSpec spec, Source source) {
        this.spec = spec;
        this.source = source;
    }

    @Override
    public CompletionStage<HttpResponse> handle(Exchange exchange) {
        exchange.allowParameters(List.of("limit", "page_token"));
        ScanRequest.Builder request =
                ScanRequest.newBuilder().setTable(spec.table()).setPageSize(limit(exchange.parameter("limit")));
        exchange.variables().forEach((member, part) -> request.setPrefix(Resource.part(member, part) + "/"));
        String token = exchange.parameter("page_token");
        if (token != null) {
            request.setPageToken(token);
        } else {
            request.setReadOptions(source.asks().ofRoute(exchange, spec.list()));
        }
        ScanRequest asked = request.setValueForm(ValueForm.VALUE_FORM_BYTES).build();
        return source.reads().list(exchange, asked, spec.list(), (page, headers) -> {
            if (page.hasNextPageToken()) {
                headers.set("link", next(exchange, page.getNextPageToken()));
            }
            return array(page);
        });
    }

    /** A row that is no JSON, which can have come by other routes only, would spoil the whole. */
    private static String array(ScanResponse page) {
        StringBuilder array = new StringBuilder("[");
        for (Row row : page.getRowsList()) {
            Row document = ValueForms.apply(row, ValueForm.VALUE_FORM_JSON);
            array.append(array.length() == 1 ? "" : ",")
                    .append(document.getValue().getJson().getStringValue());
        }
        return array.append(']').toString();
    }

    private static String next(Exchange exchange, String token) {
        String limit = exchange.parameter("limit");
        return "<" + exchange.target().path() + "?" + (limit == null ? "" : "limit=" + limit + "&") + "page_token="
                + URLEncoder.encode(token, StandardCharsets.UTF_8) + ">; rel=\"next\"";
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return LIMIT_DEFAULT;
        }
        int limit = text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
        if (limit < 1 || limit > LIMIT_MAX) {
            throw Problem.invalid("limit", "limit: '" + text + "' (expected: 1 to " + LIMIT_MAX + ")")
                    .toException();
        }
        return limit;
    }
}
