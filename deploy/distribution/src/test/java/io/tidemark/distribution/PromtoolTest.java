// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/monitoring} as Prometheus reads it, where its {@code promtool} is there. */
class PromtoolTest {

    @TempDir
    Path directory = Path.of("replaced by JUnit");

    @Test
    void shouldHaveRulesThatAreUnderstood() throws Exception {
        assertThat(promtool("check", "rules", file("alerts.yml"))).contains("SUCCESS");
    }

    /** When each alert fires, and when it does not. */
    @Test
    void shouldFireWhenItShould() throws Exception {
        assertThat(promtool("test", "rules", file("alerts-test.yml"))).contains("SUCCESS");
    }

    @Test
    void shouldHaveAConfigurationThatIsUnderstood() throws Exception {
        assertThat(promtool("check", "config", "--syntax-only", file("prometheus.yml")))
                .contains("SUCCESS");
    }

    @Test
    void shouldHaveAConfigurationForKubernetesThatIsUnderstood() throws Exception {
        Program.Outcome checked =
                Program.orSkip("promtool").run("check", "config", "--syntax-only", file("prometheus-kubernetes.yml"));

        assumeThat(checked.output())
                .as("this promtool was built without Kubernetes, as Debian's is")
                .doesNotContain("field kubernetes_sd_configs not found");
        assertThat(checked.outputIfWell()).contains("SUCCESS");
    }

    /** Grafana has no checker of its own, so what the dashboard asks for is checked as if it were rules. */
    @Test
    void shouldHaveADashboardWhoseExpressionsAreUnderstood() throws Exception {
        Map<String, String> expressions = Expressions.ofDashboard();
        String rules = expressions.values().stream()
                .map(expression -> "      - record: dashboard\n        expr: '" + expression.replace("'", "''") + "'\n")
                .collect(Collectors.joining("", "groups:\n  - name: dashboard\n    rules:\n", ""));
        Path file = Files.writeString(directory.resolve("dashboard.yml"), rules);

        assertThat(promtool("check", "rules", "--lint=none", file.toString()))
                .contains("SUCCESS: " + expressions.size());
    }

    private static String file(String name) {
        return SourceTree.MONITORING.resolve(name).toString();
    }

    private static String promtool(String... arguments) throws Exception {
        return Program.orSkip("promtool").run(arguments).outputIfWell();
    }
}
