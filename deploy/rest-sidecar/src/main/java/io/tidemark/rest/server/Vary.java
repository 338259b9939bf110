// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import io.netty.util.AttributeKey;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Keeps what answers say of the headers that they differ by. Whoever packs them or lets other origins call sets its own instead, and a cache would give
 * one caller what was kept for another.
 */
final class Vary {

    private static final AttributeKey<List<String>> OURS = AttributeKey.valueOf(Vary.class, "OURS");

    private Vary() {}

    /** The service with what others put around it, by which nothing of it is lost. */
    static HttpService kept(HttpService service, UnaryOperator<HttpService> decorated) {
        HttpService inner = new Mapped(service) {
            @Override
            ResponseHeaders map(ServiceRequestContext context, ResponseHeaders headers) {
                context.setAttr(OURS, headers.getAll(HttpHeaderNames.VARY));
                return headers;
            }
        };
        return new Mapped(decorated.apply(inner)) {
            @Override
            ResponseHeaders map(ServiceRequestContext context, ResponseHeaders headers) {
                Set<String> all = new LinkedHashSet<>();
                List<String> ours = context.attr(OURS);
                if (ours != null) {
                    all.addAll(ours);
                }
                all.addAll(headers.getAll(HttpHeaderNames.VARY));
                List<String> added = context.additionalResponseHeaders().getAll(HttpHeaderNames.VARY);
                all.addAll(added);
                if (all.isEmpty()) {
                    return headers;
                }
                String whole = String.join(", ", all);
                if (!added.isEmpty()) {
                    // These take the place of the others when the answer is sent.
                    context.setAdditionalResponseHeader(HttpHeaderNames.VARY, whole);
                }
                return headers.toBuilder().set(HttpHeaderNames.VARY, whole).build();
            }
        };
    }

    private abstract static class Mapped extends SimpleDecoratingHttpService {

        Mapped(HttpService service) {
            super(service);
        }

        abstract ResponseHeaders map(ServiceRequestContext context, ResponseHeaders headers);

        @Override
        public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
            return unwrap().serve(context, request).mapHeaders(headers -> map(context, headers));
        }
    }
}
