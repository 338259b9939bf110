// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.google.protobuf.Message;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.json.Fields;
import io.tidemark.rest.routing.Exchange;
import java.util.List;

/** Requests of the contract, from paths and query parameters. */
final class Requests {

    private Requests() {}

    /** Sets what the path and the query say. What stands in the path stands nowhere else. */
    static void fill(Exchange exchange, Message.Builder request) {
        exchange.target().query().forEach((name, values) -> {
            if (exchange.variables().containsKey(name)) {
                throw Problem.invalid(name, "query parameter '" + name + "': it stands in the path already")
                        .toException();
            }
            Fields.set(request, name, values);
        });
        exchange.variables().forEach((name, value) -> Fields.set(request, name, List.of(value)));
    }

    /** The same of a request whose body is that field. */
    static void fillBut(String bodyField, Exchange exchange, Message.Builder request) {
        for (String name : exchange.target().query().keySet()) {
            if (name.equals(bodyField) || name.startsWith(bodyField + ".")) {
                throw Problem.invalid(name, "query parameter '" + name + "': it is the body (expected: not here)")
                        .toException();
            }
        }
        fill(exchange, request);
    }
}
