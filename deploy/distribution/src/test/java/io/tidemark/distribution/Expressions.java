// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code deploy/monitoring} asks of Prometheus: expressions by where they stand. */
final class Expressions {

    private Expressions() {}

    /** Of the alert rules, by the name of the alert. */
    static Map<String, String> ofAlerts() {
        Map<String, String> expressions = new LinkedHashMap<>();
        alerts().forEach(rule -> expressions.put(Yaml.text(rule, "alert"), Yaml.text(rule, "expr")));
        return expressions;
    }

    static List<JsonObject> alerts() {
        return Yaml.objects(Yaml.document(SourceTree.MONITORING.resolve("alerts.yml")), "groups").stream()
                .flatMap(group -> Yaml.objects(group, "rules").stream())
                .toList();
    }

    /** Of the dashboard, by panel and number, with Grafana's variables filled in. */
    static Map<String, String> ofDashboard() {
        JsonObject dashboard = JsonParser.parseString(SourceTree.read(SourceTree.MONITORING.resolve("dashboard.json")))
                .getAsJsonObject();
        Map<String, String> expressions = new LinkedHashMap<>();
        for (JsonObject panel : Yaml.objects(dashboard, "panels")) {
            List<JsonObject> targets = Yaml.objects(panel, "targets");
            for (int i = 0; i < targets.size(); i++) {
                expressions.put(
                        Yaml.text(panel, "title") + ", " + (i + 1),
                        filledIn(targets.get(i).get("expr")));
            }
        }
        return expressions;
    }

    private static String filledIn(JsonElement expression) {
        return expression
                .getAsString()
                .replace("$__rate_interval", "5m")
                .replace("=~\"$instance\"", "=~\".*\"")
                .replace("=\"$cluster\"", "=~\".*\"");
    }
}
