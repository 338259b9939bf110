// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.resource;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeadersBuilder;
import com.linecorp.armeria.common.HttpResponse;
import io.tidemark.client.AsyncTable;
import io.tidemark.client.Condition;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.WriteOptions;
import io.tidemark.client.WriteResult;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.rest.http.EntityTag;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Responses;
import io.tidemark.rest.kv.Conditions;
import io.tidemark.rest.kv.Failures;
import io.tidemark.rest.kv.Protos;
import io.tidemark.rest.kv.RawCodec;
import io.tidemark.rest.kv.RowGet;
import io.tidemark.rest.kv.RowWrites;
import io.tidemark.rest.kv.Sessions;
import io.tidemark.rest.kv.Stamps;
import io.tidemark.rest.kv.WriteAsk;
import io.tidemark.rest.resource.ResourceSpec.Operation;
import io.tidemark.rest.routing.Exchange;
import io.tidemark.rest.routing.Handler;
import io.tidemark.rest.routing.PathTemplate;
import io.tidemark.rest.routing.Route;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import tools.jackson.databind.JsonNode;

/** A table as an application's own resource: its documents are the rows' own JSON, and their paths are made of their keys. */
public final class Resource {

    private final ResourceSpec spec;
    private final AsyncTable<byte[]> table;
    private final Parts parts;
    private final ResourceLists lists;

    /** What resources share with the contract's own routes. */
    public record Parts(
            TidemarkClient client,
            RowGet rows,
            ResourceLists.Source lists,
            Sessions sessions,
            Stamps stamps,
            Failures failures) {}

    public Resource(ResourceSpec spec, Parts parts) {
        this.spec = spec;
        this.parts = parts;
        this.table = parts.client()
                .table(spec.table(), new RawCodec("application/json"))
                .async();
        this.lists = new ResourceLists(spec, parts.lists());
    }

    /** Its routes. */
    public List<Route> routes() {
        return spec.places().stream()
                .map(place -> new Route(
                        place.method(),
                        PathTemplate.parse(place.template()).orWithSlash(),
                        spec.path(),
                        handler(place.operation())))
                .toList();
    }

    private Handler handler(Operation operation) {
        return switch (operation) {
            case GET -> this::get;
            case LIST -> lists;
            case CREATE -> this::create;
            case REPLACE -> this::replace;
            case PATCH -> this::patch;
            case DELETE -> this::delete;
        };
    }

    private CompletionStage<HttpResponse> get(Exchange exchange) {
        exchange.allowParameters(List.of());
        GetRequest request = GetRequest.newBuilder()
                .setTable(spec.table())
                .setKey(key(exchange))
                .setReadOptions(parts.lists().asks().ofRoute(exchange, spec.get()))
                .build();
        return parts.rows().get(exchange, request, spec.get());
    }

    private CompletionStage<HttpResponse> create(Exchange exchange) {
        exchange.allowParameters(List.of());
        Conditions.refuse(exchange);
        requireJson(exchange);
        int last = spec.keyMembers().size() - 1;
        Document document = Document.read(
                exchange.body(),
                spec.keyMembers(),
                (member, place) -> place == last && spec.generated() ? generated(exchange) : null);
        return table.put(key(document), bytes(document), Condition.absent(), options(exchange))
                .handle((written, failure) -> failure == null
                        ? written(exchange, written, document)
                        : parts.failures().ofWrite(exchange, failure, Conditions.NONE));
    }

    /** The same for each repetition that says so, so that it makes no second document. */
    private String generated(Exchange exchange) {
        String name = WriteAsk.idempotencyKey(exchange);
        return (name == null
                        ? UUID.randomUUID()
                        : UUID.nameUUIDFromBytes((spec.table() + "/" + name).getBytes(StandardCharsets.UTF_8)))
                .toString();
    }

    private CompletionStage<HttpResponse> replace(Exchange exchange) {
        exchange.allowParameters(List.of());
        requireJson(exchange);
        Document document = Document.read(
                exchange.body(),
                spec.keyMembers(),
                (member, place) -> exchange.variables().get(member));
        requireSameKey(exchange, document.key());
        Conditions condition = Conditions.of(exchange, null, null);
        Condition<byte[]> must = condition.condition();
        WriteOptions options = options(exchange);
        CompletableFuture<WriteResult<byte[]>> written = must == null
                ? table.put(key(document), bytes(document), options)
                : table.put(key(document), bytes(document), must, options);
        return written.handle((done, failure) -> failure == null
                ? written(exchange, done, document)
                : parts.failures().ofWrite(exchange, failure, condition));
    }

    private CompletionStage<HttpResponse> patch(Exchange exchange) {
        exchange.allowParameters(List.of());
        var refused = RowWrites.refusedPatch(exchange);
        if (refused != null) {
            return CompletableFuture.completedFuture(refused.toHttpResponse());
        }
        JsonNode patch = Document.object(exchange.body());
        for (String member : spec.keyMembers()) {
            JsonNode given = patch.get(member);
            if (given != null && !Document.text(member, given).equals(exchange.variable(member))) {
                throw moved(member);
            }
        }
        Conditions condition = Conditions.of(exchange, null, null);
        // A patch of what is not there would make a document without its key.
        Condition<byte[]> must = condition.condition() == null ? Condition.present() : condition.condition();
        String text = new String(exchange.body(), StandardCharsets.UTF_8);
        return table.patch(key(exchange), text, must, options(exchange)).handle((done, failure) -> {
            if (failure != null) {
                return Failures.condition(failure)
                        .filter(present -> condition.condition() == null)
                        .map(present -> absent(exchange, parts.stamps().ofRefused(exchange, present)))
                        .orElseGet(() -> parts.failures().ofWrite(exchange, failure, condition));
            }
            HttpHeadersBuilder headers = headers(exchange, done).set(HttpHeaderNames.CACHE_CONTROL, "no-store");
            return RowGet.body(200, Protos.row(done.row()), headers).toHttpResponse();
        });
    }

    private CompletionStage<HttpResponse> delete(Exchange exchange) {
        exchange.allowParameters(List.of());
        Conditions condition = Conditions.of(exchange, null, null);
        Condition<byte[]> must = condition.condition();
        WriteOptions options = options(exchange);
        return (must == null ? table.delete(key(exchange), options) : table.delete(key(exchange), must, options))
                .handle((done, failure) -> {
                    if (failure != null) {
                        return parts.failures().ofWrite(exchange, failure, condition);
                    }
                    HttpHeadersBuilder headers =
                            Stamps.replayed(parts.stamps().of(exchange, done.header()), done.replayed());
                    return done.deleted()
                            ? Responses.empty(204, headers.build()).toHttpResponse()
                            : absent(exchange, headers);
                });
    }

    private HttpResponse written(Exchange exchange, WriteResult<byte[]> result, Document document) {
        boolean created = result.row().version() == 1;
        HttpHeadersBuilder headers = headers(exchange, result);
        if (created) {
            headers.set(HttpHeaderNames.LOCATION, location(document.key()));
        }
        return Responses.json(created ? 201 : 200, document.text(), headers.build())
                .toHttpResponse();
    }

    private HttpHeadersBuilder headers(Exchange exchange, WriteResult<byte[]> result) {
        return Stamps.replayed(parts.stamps().of(exchange, result.header()), result.replayed())
                .set(
                        HttpHeaderNames.ETAG,
                        new EntityTag(result.header().historyId(), result.row().modifiedIndex(), "").text());
    }

    private String location(List<String> key) {
        StringBuilder path = new StringBuilder(spec.path());
        key.forEach(part -> path.append('/')
                .append(URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20")));
        return path.toString();
    }

    private static HttpResponse absent(Exchange exchange, HttpHeadersBuilder headers) {
        Problem problem = Problem.of(404, "ROW_NOT_FOUND", exchange.target().path() + ": there is no such document");
        return Responses.of(problem, headers.build()).toHttpResponse();
    }

    private void requireSameKey(Exchange exchange, List<String> key) {
        for (int i = 0; i < key.size(); i++) {
            String inPath = exchange.variables().get(spec.keyMembers().get(i));
            if (inPath != null && !inPath.equals(key.get(i))) {
                throw moved(spec.keyMembers().get(i));
            }
        }
    }

    private static RuntimeException moved(String member) {
        return Problem.invalid(member, member + ": it differs from the path (expected: the same; a key never changes)")
                .toException();
    }

    private static void requireJson(Exchange exchange) {
        if (!exchange.mediaType().equals("application/json")) {
            throw Problem.of(
                            415,
                            "UNSUPPORTED_MEDIA_TYPE",
                            "Content-Type: '" + exchange.mediaType() + "' (expected: application/json)")
                    .toException();
        }
    }

    private WriteOptions options(Exchange exchange) {
        return WriteAsk.options(
                exchange,
                parts.sessions().session(exchange),
                io.tidemark.proto.v1.WriteOptions.getDefaultInstance(),
                null);
    }

    private String key(Exchange exchange) {
        List<String> key = new ArrayList<>();
        for (String member : spec.keyMembers()) {
            key.add(part(member, exchange.variable(member)));
        }
        return String.join("/", key);
    }

    /** A part of a key, as a path gives it. */
    static String part(String member, String text) {
        if (text.indexOf('/') >= 0) {
            throw Problem.invalid(member, member + ": '" + text + "' (expected: no slash)")
                    .toException();
        }
        return text;
    }

    private static String key(Document document) {
        return String.join("/", document.key());
    }

    private static byte[] bytes(Document document) {
        return document.text().getBytes(StandardCharsets.UTF_8);
    }
}
