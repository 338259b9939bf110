// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.ExchangeType;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.RoutingContext;
import com.linecorp.armeria.server.ServiceRequestContext;

/** One service for those who take packed answers, and one for the others, who are spared what it costs. */
record IfPacked(HttpService packed, HttpService plain) implements HttpService {

    @Override
    public ExchangeType exchangeType(RoutingContext context) {
        return plain.exchangeType(context);
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
        boolean takesPacked = request.headers().contains(HttpHeaderNames.ACCEPT_ENCODING);
        return (takesPacked ? packed : plain).serve(context, request);
    }
}
