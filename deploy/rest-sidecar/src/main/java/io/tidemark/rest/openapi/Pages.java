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

/** The OpenAPI document, and a page to read it in a browser. */
public final class Pages {

    private final List<Route> routes;

    public Pages(List<ResourceSpec> resources) {
        String document = OpenApi.document(resources);
        this.routes = List.of(
                page("/openapi.json", MediaType.JSON, document),
                page("/docs", MediaType.HTML_UTF_8, resource("docs.html")),
                page("/docs/docs.js", MediaType.parse("text/javascript; charset=utf-8"), resource("docs.js")));
    }

    public List<Route> routes() {
        return routes;
    }

    private static Route page(String path, MediaType type, String text) {
        HttpData data = HttpData.wrap(text.getBytes(StandardCharsets.UTF_8));
        ResponseHeaders headers = ResponseHeaders.builder(HttpStatus.OK)
                .contentType(type)
                .set("cache-control", "no-cache")
                .set(
                        "content-security-policy",
                        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'")
                .build();
        Handler handler = exchange -> {
            exchange.allowParameters(List.of());
            return CompletableFuture.completedFuture(HttpResponse.of(headers, data));
        };
        return new Route(HttpMethod.GET, PathTemplate.parse(path), path, handler);
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
