// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.openapi;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import io.tidemark.rest.resource.ResourceSpec;
import io.tidemark.rest.routing.Handler;
import io.tidemark.rest.routing.PathTemplate;
import io.tidemark.rest.routing.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The OpenAPI document, and a page to read it in a browser. */
public final class Pages {

    private final List<Route> routes;

    public Pages(List<ResourceSpec> resources) {
        this.routes = List.of(
                page("/openapi.json", MediaType.JSON, () -> OpenApi.document(resources)),
                page("/docs", MediaType.HTML_UTF_8, () -> resource("docs.html")),
                page("/docs/docs.js", MediaType.parse("text/javascript; charset=utf-8"), () -> resource("docs.js")));
    }

    public List<Route> routes() {
        return routes;
    }

    private static Route page(String path, MediaType type, Supplier<String> text) {
        Once<HttpData> data = new Once<>(() -> HttpData.wrap(text.get().getBytes(StandardCharsets.UTF_8)));
        ResponseHeaders headers = ResponseHeaders.builder(HttpStatus.OK)
                .contentType(type)
                .set("cache-control", "no-cache")
                .set(
                        "content-security-policy",
                        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'")
                .build();
        Handler handler = exchange -> {
            exchange.allowParameters(List.of());
            return data.get().thenApply(body -> HttpResponse.of(headers, body));
        };
        return new Route(HttpMethod.GET, PathTemplate.parse(path), path, handler);
    }

    /** Made when it is first asked for, and not by an event loop: few ask, and a sidecar is not to start later for it. */
    private static final class Once<T> {

        private final Supplier<T> maker;
        private final AtomicReference<@Nullable CompletableFuture<T>> made = new AtomicReference<>();

        Once(Supplier<T> maker) {
            this.maker = maker;
        }

        CompletableFuture<T> get() {
            CompletableFuture<T> known = made.get();
            if (known != null) {
                return known;
            }
            CompletableFuture<T> mine = new CompletableFuture<>();
            CompletableFuture<T> first = made.compareAndExchange(null, mine);
            if (first != null) {
                return first;
            }
            // One that could not be made is made anew when it is asked for again.
            return mine.completeAsync(maker).whenComplete((done, failure) -> {
                if (failure != null) {
                    made.compareAndSet(mine, null);
                }
            });
        }
    }

    private static String resource(String name) {
        try (InputStream in = Pages.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
