// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** Small clusters for a short time; {@code verify/simulation/run} has the large ones. */
class SimulationTest {

    private static final Duration EVERY = Duration.ofMillis(600);
    private static final int SEEDS_MAX = 12;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldKeepEveryPromiseInBadWeather(long seed) {
        try (Run run = new Run(Setup.small(seed, directory))) {
            run.start();
            Weather weather = run.weather(Duration.ofSeconds(10), EVERY);
            run.calm();

            assertThat(run.cluster().world().violations())
                    .as("seed " + seed + " " + weather.happened())
                    .isEmpty();
            // It says something only if there was something to find.
            Truth.Counts counts = run.cluster().truth().counts();
            assertThat(counts.bounds()).isGreaterThan(300);
            assertThat(counts.linearizable()).isGreaterThan(50);
            assertThat(counts.sessions()).isGreaterThan(300);
            assertThat(run.cluster().figures().copies()).isGreaterThan(10);
            assertThat(weather.happened()).hasSizeGreaterThan(5);
        }
    }

    @ParameterizedTest
    @EnumSource(value = PlantedFault.class, mode = Mode.EXCLUDE, names = "NONE")
    void shouldFindWhatIsPlanted(PlantedFault planted) {
        long found = 0;
        for (long seed = 1; seed <= SEEDS_MAX && found == 0; seed++) {
            try (Run run =
                    new Run(Setup.small(seed, directory.resolve("seed-" + seed)).with(planted))) {
                run.start();
                Weather unused = run.weather(Duration.ofSeconds(30), EVERY);
                found = run.cluster().world().violationCount();
            }
        }

        assertThat(found).isPositive();
    }

    @Test
    void shouldHappenAgainAsItHappened() {
        assertThat(story("once")).isEqualTo(story("again"));
    }

    private String story(String name) {
        try (Run run = new Run(Setup.small(7, directory.resolve(name)))) {
            run.start();
            Weather weather = run.weather(Duration.ofSeconds(4), EVERY);
            World world = run.cluster().world();
            Truth truth = run.cluster().truth();
            return world.nanos() + " " + truth.last() + " " + truth.counts().answers() + " "
                    + truth.counts().meanBoundMillis() + " " + run.outcomes() + " " + weather.happened() + " "
                    + run.cluster().figures().gained();
        }
    }

    @Test
    void shouldMoveWhatMustMoveAndNoMore() {
        StringWriter out = new StringWriter();
        try (Run run = new Run(Setup.small(5, directory))) {
            new Churn(run, new PrintWriter(out)).go();

            assertThat(run.cluster().world().violations()).as(out.toString()).isEmpty();
        }
        assertThat(out.toString())
                .contains("| join of r13, weight ")
                .contains("| drain of r1, weight ")
                .contains(" replicas cut off for ");
    }
}
