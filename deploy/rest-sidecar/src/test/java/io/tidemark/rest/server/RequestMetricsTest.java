// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpStatus;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.rest.routing.PathTemplate;
import io.tidemark.rest.routing.Route;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RequestMetricsTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final RequestMetrics metrics = new RequestMetrics(registry);

    @Test
    void shouldCountByRouteMethodAndStatus() {
        Route byPath = route(HttpMethod.GET, "/v1/tables/{table}/rows/{key=**}");
        Route byParameter = route(HttpMethod.GET, "/v1/tables/{table}/row");
        Route put = route(HttpMethod.PUT, "/v1/tables/{table}/row");

        answered(byPath, 200);
        answered(byParameter, 200);
        answered(byParameter, 404);
        answered(put, 200);
        answered(null, 404);
        answered(null, 999);

        assertThat(count("KeyValue/Get", "GET", "200")).isEqualTo(2);
        assertThat(count("KeyValue/Get", "GET", "404")).isEqualTo(1);
        assertThat(count("KeyValue/Get", "PUT", "200")).isEqualTo(1);
        assertThat(count("none", "none", "404")).isEqualTo(1);
        assertThat(registry.getMeters()).hasSize(5);
    }

    /** To find a timer in a registry takes tags, and that costs more than the rest of it. */
    @Test
    void shouldAskTheRegistryOnce() {
        Route route = route(HttpMethod.GET, "/v1/limits");
        answered(route, 200);
        registry.config().onMeterAdded(RequestMetricsTest::fail);
        registry.clear();

        answered(route, 200);

        assertThat(registry.getMeters()).isEmpty();
    }

    private static void fail(Meter meter) {
        throw new AssertionError(meter.getId());
    }

    private void answered(@Nullable Route route, int status) {
        metrics.answered(route, HttpStatus.valueOf(status), 1_000);
    }

    private long count(String route, String method, String status) {
        Timer timer = registry.get("tidemark.sidecar.requests")
                .tags("route", route, "method", method, "status", status)
                .timer();
        assertThat(timer.totalTime(TimeUnit.NANOSECONDS)).isEqualTo(1_000.0 * timer.count());
        return timer.count();
    }

    private static Route route(HttpMethod method, String template) {
        return new Route(method, PathTemplate.parse(template), "KeyValue/Get", exchange -> {
            throw new AssertionError();
        });
    }
}
