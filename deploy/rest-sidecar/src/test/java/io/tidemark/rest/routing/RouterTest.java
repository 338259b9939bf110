// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.common.HttpMethod;
import io.tidemark.rest.http.ProblemException;
import io.tidemark.rest.http.Target;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouterTest {

    private final Router router = new Router(Binding.ofContract().stream()
            .map(binding -> new Route(binding.method(), binding.template(), binding.name(), exchange -> {
                throw new AssertionError();
            }))
            .toList());

    @Test
    void shouldKnowEveryRouteOfTheContract() {
        assertThat(Binding.ofContract().stream().map(Binding::name).distinct()).hasSize(20);
        assertThat(name("GET", "/v1/tables/users/rows/a/b")).isEqualTo("KeyValue/Get");
        assertThat(name("GET", "/v1/tables/users/row?key=a")).isEqualTo("KeyValue/Get");
        assertThat(name("HEAD", "/v1/tables/users/rows/a")).isEqualTo("KeyValue/Get");
        assertThat(name("GET", "/v1/tables/users/rows")).isEqualTo("KeyValue/Scan");
        assertThat(name("GET", "/v1/tables/users/rows:stream")).isEqualTo("KeyValue/StreamScan");
        assertThat(name("POST", "/v1/commits:batch")).isEqualTo("KeyValue/BatchWrite");
        assertThat(name("PATCH", "/v1/tables/users")).isEqualTo("Cluster/UpdateTable");
    }

    @Test
    void shouldJoinTheRestOfAPath() {
        assertThat(router.find(HttpMethod.GET, Target.parse("/v1/tables/users/rows/a%2Fb/c"))
                        .variables())
                .isEqualTo(Map.of("table", "users", "key", "a/b/c"));
    }

    @Test
    void shouldTellAWrongMethodFromAWrongPath() {
        assertThatThrownBy(() -> router.find(HttpMethod.POST, Target.parse("/v1/limits")))
                .isInstanceOfSatisfying(
                        Router.MethodNotAllowed.class,
                        e -> assertThat(e.allowed()).isEqualTo("GET, HEAD, OPTIONS"));
        assertThatThrownBy(() -> router.find(HttpMethod.GET, Target.parse("/v1/limit")))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> router.find(HttpMethod.GET, Target.parse("/v1/tables/users/rows/a/")))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void shouldRefuseTwoRoutesThatAreTheSame() {
        Route one = new Route(HttpMethod.GET, PathTemplate.parse("/a/{x}"), "one", exchange -> {
            throw new AssertionError();
        });
        Route two = new Route(HttpMethod.GET, PathTemplate.parse("/a/{y}"), "two", one.handler());

        assertThatThrownBy(() -> new Router(List.of(one, two))).hasMessageContaining("/a/{y}");
    }

    private String name(String method, String target) {
        return router.find(HttpMethod.valueOf(method), Target.parse(target))
                .route()
                .name();
    }
}
