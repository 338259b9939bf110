// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.routing;

import com.linecorp.armeria.common.HttpMethod;
import io.tidemark.rest.http.Problem;
import io.tidemark.rest.http.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the route of a request. Immutable. */
public final class Router {

    private final List<Route> routes;

    /** @throws IllegalArgumentException if two are the same */
    public Router(List<Route> routes) {
        Set<String> seen = new LinkedHashSet<>();
        for (Route route : routes) {
            String shape = route.method() + " " + route.template().toString().replaceAll("\\{[^}=]*", "{");
            if (!seen.add(shape)) {
                throw new IllegalArgumentException(
                        "two routes are the same: " + route.method() + " " + route.template());
            }
        }
        List<Route> sorted = new ArrayList<>(routes);
        sorted.sort(Comparator.comparingInt((Route route) -> route.template().rank())
                .reversed());
        this.routes = List.copyOf(sorted);
    }

    /** A route with the variables of the path. */
    public record Match(Route route, Map<String, String> variables) {}

    /** All of them. */
    public List<Route> routes() {
        return routes;
    }

    /**
     * The route; {@code HEAD} is answered as {@code GET}.
     *
     * @throws io.tidemark.rest.http.ProblemException if there is none
     */
    public Match find(HttpMethod method, Target target) {
        HttpMethod asked = method == HttpMethod.HEAD ? HttpMethod.GET : method;
        for (Route route : routes) {
            if (route.method() == asked) {
                Optional<Map<String, String>> variables = route.template().match(target);
                if (variables.isPresent()) {
                    return new Match(route, variables.get());
                }
            }
        }
        Set<String> allowed = allowed(target);
        if (allowed.isEmpty()) {
            throw Problem.of(
                            404,
                            "NO_SUCH_ROUTE",
                            target.path() + ": there is nothing (expected: a path of /openapi.json)")
                    .toException();
        }
        throw new MethodNotAllowed(method, target, allowed);
    }

    /** Which methods a path has; none: there is no such path. */
    public Set<String> allowed(Target target) {
        Set<String> allowed = new LinkedHashSet<>();
        for (Route route : routes) {
            if (route.template().match(target).isPresent()) {
                allowed.add(route.method().name());
                if (route.method() == HttpMethod.GET) {
                    allowed.add(HttpMethod.HEAD.name());
                }
            }
        }
        if (!allowed.isEmpty()) {
            allowed.add(HttpMethod.OPTIONS.name());
        }
        return allowed;
    }

    /** There is such a path, and the method is none that it has. */
    public static final class MethodNotAllowed extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient Problem problem;
        private final String allowed;

        MethodNotAllowed(HttpMethod method, Target target, Set<String> allowed) {
            super(null, null, false, false);
            this.allowed = String.join(", ", allowed);
            this.problem = Problem.of(
                    405, "METHOD_NOT_ALLOWED", target.path() + ": " + method + " (expected: " + this.allowed + ")");
        }

        public Problem problem() {
            return problem;
        }

        /** For the header {@code Allow}. */
        public String allowed() {
            return allowed;
        }
    }
}
