// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.kv;

import com.google.protobuf.Message;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Target;
import io.tidemark.rest.json.Fields;
import io.tidemark.rest.routing.Exchange;
import java.util.Base64;
import java.util.List;

/** Requests of the contract, from paths and query parameters. */
public final class Requests {

    /** A key that no URL can carry as text, in base64url. */
    public static final String KEY_BASE64 = "key_base64";

    private static final String KEY = "key";

    private Requests() {}

    private static boolean isOfOneRow(Message.Builder request) {
        return request.getDescriptorForType().findFieldByName(KEY) != null;
    }

    private static String key(Exchange exchange, List<String> values) {
        if (values.size() > 1 || exchange.target().query().containsKey(KEY)) {
            throw Problem.invalid(KEY_BASE64, KEY_BASE64 + ": beside another key (expected: one)")
                    .toException();
        }
        try {
            return Target.utf8(Base64.getUrlDecoder().decode(values.get(0)), KEY_BASE64);
        } catch (IllegalArgumentException e) {
            throw Problem.invalid(KEY_BASE64, KEY_BASE64 + ": '" + values.get(0) + "' (expected: base64url)")
                    .toException();
        }
    }

    /** Sets what the path and the query say. What stands in the path stands nowhere else. */
    static void fill(Exchange exchange, Message.Builder request) {
        exchange.target().query().forEach((name, values) -> {
            if (exchange.variables().containsKey(name)) {
                throw Problem.invalid(name, "query parameter '" + name + "': it stands in the path already")
                        .toException();
            }
            if (name.equals(KEY_BASE64)
                    && isOfOneRow(request)
                    && !exchange.variables().containsKey(KEY)) {
                Fields.set(request, KEY, List.of(key(exchange, values)));
            } else {
                Fields.set(request, name, values);
            }
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
