// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest;

import io.tidemark.rest.config.Configuration;
import io.tidemark.rest.config.SidecarConfig;
import io.tidemark.rest.server.Sidecar;
import io.tidemark.testkit.LocalCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A cluster and a sidecar for all tests that do no harm to them; each takes tables of its own. They end with the JVM. */
final class Running {

    static final LocalCluster CLUSTER =
            LocalCluster.builder().nodes(1).replicas(2).start();
    static final Sidecar SIDECAR = sidecar(
            "--watch.heartbeat=200ms",
            "--rest.max-body-bytes=2MiB",
            "--resources.files=examples/users.yaml,examples/expenses.yaml");
    static final Http HTTP = new Http(SIDECAR.restPort());

    private static final AtomicInteger TABLES = new AtomicInteger();

    private Running() {}

    /** Another one, for the same cluster. */
    static Sidecar sidecar(String... flags) {
        return sidecarOf(CLUSTER, flags);
    }

    static Sidecar sidecarOf(LocalCluster cluster, String... flags) {
        List<String> all = new ArrayList<>(List.of(
                "--cluster.endpoints=" + String.join(",", cluster.endpoints()), "--rest.port=0", "--http.port=0"));
        all.addAll(List.of(flags));
        return Sidecar.start(SidecarConfig.from(Configuration.load(SidecarConfig.OPTIONS, null, Map.of(), all)));
    }

    /** A table that nobody else uses. */
    static String table() {
        return "t" + TABLES.incrementAndGet();
    }
}
