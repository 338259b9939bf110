// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import io.tidemark.rest.http.EntityTag;

/** Gives what was packed a name of its own: a cache must not put bytes of one form behind those of the other. */
final class PackedTags extends SimpleDecoratingHttpService {

    PackedTags(HttpService service) {
        super(service);
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
        return unwrap().serve(context, request).mapHeaders(PackedTags::named);
    }

    private static ResponseHeaders named(ResponseHeaders headers) {
        String tag = headers.get(HttpHeaderNames.ETAG);
        return tag == null || !headers.contains(HttpHeaderNames.CONTENT_ENCODING)
                ? headers
                : headers.toBuilder()
                        .set(HttpHeaderNames.ETAG, EntityTag.packed(tag))
                        .build();
    }
}
