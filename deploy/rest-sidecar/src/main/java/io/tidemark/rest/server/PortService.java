// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.ExchangeType;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.RoutingContext;
import com.linecorp.armeria.server.ServiceRequestContext;
import org.jspecify.annotations.Nullable;

/** What is for operators is on their port, and nothing else is. */
final class PortService implements HttpService {

    private final HttpService users;
    private final HttpService operators;
    private volatile int operatorsPort = -1;

    PortService(HttpService users, HttpService operators) {
        this.users = users;
        this.operators = operators;
    }

    /** Which port is theirs, once it is bound. */
    void operatorsAt(int port) {
        operatorsPort = port;
    }

    @Override
    public boolean shouldCachePath(String path, @Nullable String query, com.linecorp.armeria.server.Route route) {
        return false;
    }

    @Override
    public ExchangeType exchangeType(RoutingContext context) {
        return users.exchangeType(context);
    }

    @Override
    public HttpResponse serve(ServiceRequestContext context, HttpRequest request) throws Exception {
        boolean ofOperators = context.localAddress().getPort() == operatorsPort;
        return (ofOperators ? operators : users).serve(context, request);
    }
}
