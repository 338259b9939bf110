// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules and dashboard ask only for what servers export, which is asked of servers that run. */
@Timeout(120)
class MonitoringTest {

    /** Those of Prometheus itself. */
    private static final Set<String> OF_PROMETHEUS = Set.of("up", "ALERTS");

    /** What the scrape configuration adds to every metric. */
    private static final Set<String> TARGET_LABELS = Set.of("cluster", "instance", "job");

    @TempDir
    static Path directory = Path.of("replaced by JUnit");

    private static final Exposition EXPORTED = new Exposition();

    /** Some metrics begin with the first collection of garbage, some are looked at once a second. */
    @BeforeAll
    static void scrapeUntilAllIsThere() throws Exception {
        try (ClusterWithMetrics cluster = ClusterWithMetrics.start(directory)) {
            assertThat(cluster.httpPorts().keySet()).containsExactly("n1", "n2", "r1", "s1");
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            do {
                System.gc();
                cluster.httpPorts().values().forEach(EXPORTED::scrape);
            } while (!isAllThere() && System.nanoTime() < deadline);
        }
    }

    private static boolean isAllThere() {
        return Stream.concat(Expressions.ofAlerts().values().stream(), Expressions.ofDashboard().values().stream())
                .allMatch(expression -> problems(expression).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"alerts", "dashboard"})
    void shouldAskOnlyForWhatIsExported(String source) {
        Map<String, String> expressions = source.equals("alerts") ? Expressions.ofAlerts() : Expressions.ofDashboard();
        Map<String, List<String>> problems = new TreeMap<>();
        expressions.forEach((place, expression) -> {
            List<String> found = problems(expression);
            if (!found.isEmpty()) {
                problems.put(place, found);
            }
        });

        assertThat(expressions).hasSizeGreaterThan(20);
        assertThat(problems).isEmpty();
    }

    @Test
    void shouldFindWhatIsNotExported() {
        assertThat(problems("rate(tidemark_reads_totl[5m]) > 0")).containsExactly("tidemark_reads_totl");
        assertThat(problems("sum by (ask) (tidemark_reads_total{out=\"failed\"})"))
                .containsExactly("tidemark_reads_total{out}");
        assertThat(problems("tidemark_reads_total{outcome=~\"failed|lost\",cluster=\"x\"} offset 5m"))
                .containsExactly("tidemark_reads_total{outcome: lost}");
        assertThat(problems("max by (nonsense) (up) or on (x) group_left (y) process_cpu_usage"))
                .isEmpty();
    }

    @Test
    void shouldSayOfEachAlertHowGraveItIsAndWhatToDo() {
        assertThat(Expressions.alerts()).allSatisfy(rule -> {
            assertThat(Yaml.text(rule, "alert")).startsWith("Tidemark");
            assertThat(Yaml.text(Yaml.within(rule, "labels"), "severity")).isIn("page", "ticket");
            assertThat(Yaml.text(Yaml.within(rule, "annotations"), "summary")).contains("$labels.cluster");
            assertThat(Yaml.text(Yaml.within(rule, "annotations"), "description"))
                    .isNotBlank();
        });
        assertThat(Expressions.alerts())
                .extracting(rule -> Yaml.text(rule, "alert"))
                .doesNotHaveDuplicates();
    }

    @Test
    void shouldScrapeEveryServerAndSidecarOfCompose() {
        JsonObject config = Yaml.document(SourceTree.MONITORING.resolve("prometheus.yml"));
        List<String> targets = Yaml.texts(
                Yaml.objects(Yaml.objects(config, "scrape_configs").get(0), "static_configs")
                        .get(0),
                "targets");

        assertThat(targets)
                .containsExactlyElementsOf(Stream.concat(
                                Compose.read().servers().keySet().stream(), Compose.read().sidecars().keySet().stream())
                        .map(name -> name + ":7403")
                        .toList());
    }

    /** A label that scraping adds and a metric has of its own would hide that of the metric. */
    @Test
    void shouldNotHideLabelsOfMetrics() {
        JsonObject config = Yaml.document(SourceTree.MONITORING.resolve("prometheus-kubernetes.yml"));
        Set<String> own = new TreeSet<>();
        EXPORTED.names().forEach(name -> own.addAll(EXPORTED.labels(name).keySet()));

        assertThat(Yaml.objects(Yaml.objects(config, "scrape_configs").get(0), "relabel_configs"))
                .filteredOn(relabeling -> relabeling.has("target_label"))
                .extracting(relabeling -> Yaml.text(relabeling, "target_label"))
                .contains("cluster", "instance")
                .noneMatch(own::contains);
    }

    private static List<String> problems(String expression) {
        List<String> problems = new ArrayList<>();
        for (Selector selector : Selector.in(expression)) {
            String metric = selector.metric();
            if (OF_PROMETHEUS.contains(metric)) {
                continue;
            }
            if (!EXPORTED.has(metric)) {
                problems.add(metric);
                continue;
            }
            for (Selector.Matching matching : selector.matchers()) {
                Set<String> seen = EXPORTED.labels(metric).get(matching.label());
                if (seen != null && matching.operator().startsWith("=")) {
                    matching.values().stream()
                            .filter(value ->
                                    !value.equals(".*") && !seen.contains(value) && !isDocumented(metric, value))
                            .forEach(value -> problems.add(metric + "{" + matching.label() + ": " + value + "}"));
                } else if (seen == null && !TARGET_LABELS.contains(matching.label())) {
                    problems.add(metric + "{" + matching.label() + "}");
                }
            }
        }
        return problems;
    }

    /** Values of labels begin to be there when what they count has happened, so the reference is asked as well. */
    private static boolean isDocumented(String metric, String value) {
        return SourceTree.read(SourceTree.ROOT.resolve("docs/metrics.md"))
                .lines()
                .filter(line -> line.startsWith("| `" + metric.replaceAll("_(bucket|count|sum)$", "") + "` "))
                .anyMatch(line -> line.contains("`" + value + "`"));
    }
}
