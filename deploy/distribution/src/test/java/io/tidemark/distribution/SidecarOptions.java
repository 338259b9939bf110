// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import io.tidemark.rest.config.Configuration;
import io.tidemark.rest.config.SidecarConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a recipe gives a sidecar to start with, read as the sidecar reads it. */
record SidecarOptions(SidecarConfig config) {

    static final String ROLE = "sidecar";

    static SidecarOptions read(Optional<Path> file, Map<String, String> environment, List<String> flags) {
        return new SidecarOptions(
                SidecarConfig.from(Configuration.load(SidecarConfig.OPTIONS, file.orElse(null), environment, flags)));
    }

    /** Where it listens, by what for. */
    Map<String, Integer> ports() {
        return Map.of("rest", config.restPort(), "http", config.httpPort());
    }

    /** Servers to begin with. */
    List<String> endpoints() {
        return List.of(config.endpoints().split(",", -1));
    }
}
