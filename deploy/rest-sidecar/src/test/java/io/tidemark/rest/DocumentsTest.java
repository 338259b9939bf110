// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.rest.Http.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The calls whose bodies are the contract's messages. */
class DocumentsTest {

    private static final Http HTTP = Running.HTTP;

    private final String table = Running.table();
    private final String rows = "/v1/tables/" + table + "/rows";

    @Test
    void shouldListRowsPageByPageAsOfOneIndex() {
        for (int i = 0; i < 5; i++) {
            HTTP.putJson(rows + "/a" + i, "{\"n\":" + i + "}");
        }
        String session = HTTP.putJson(rows + "/b0", "{\"n\":9007199254740993}").header("tidemark-session");

        Answer first = HTTP.get(rows + "?prefix=a&page_size=3", "Tidemark-Session", session);
        HTTP.putJson(rows + "/a9", "{}");
        Answer second = HTTP.get(rows + "?prefix=a&page_size=3&page_token="
                + first.json().get("nextPageToken").stringValue());
        Answer down = HTTP.get(rows + "?start=a4&order=ORDER_DESCENDING&pageSize=1", "Tidemark-Session", session);

        assertThat(keys(first)).containsExactly("a0", "a1", "a2");
        assertThat(keys(second)).containsExactly("a3", "a4");
        assertThat(second.json().has("nextPageToken")).isFalse();
        assertThat(second.header("tidemark-index")).isEqualTo(first.header("tidemark-index"));
        assertThat(first.json().at("/rows/1/value/json/n").intValue()).isEqualTo(1);
        assertThat(down.body()).contains("\"n\":9007199254740993");
        assertThat(HTTP.get(rows + "?page_token=nonsense").json().get("reason").stringValue())
                .isEqualTo("BAD_PAGE_TOKEN");
        assertThat(HTTP.get(rows + "?page_size=ten").status()).isEqualTo(400);
    }

    @Test
    void shouldStreamAScanAsLines() {
        for (int i = 0; i < 5; i++) {
            HTTP.putJson(rows + "/k" + i, "{\"n\":" + i + "}");
        }

        Answer all = HTTP.get(rows + ":stream", "Cache-Control", "no-cache");
        Answer three = HTTP.get(rows + ":stream?limit=3", "Cache-Control", "no-cache");

        assertThat(all.header("content-type")).isEqualTo("application/jsonl");
        assertThat(all.body().lines()).allMatch(line -> line.startsWith("{"));
        assertThat(all.body()).contains("\"k0\"", "\"k4\"", "\"header\"");
        assertThat(three.body()).contains("\"k2\"").doesNotContain("\"k3\"");
        assertThat(HTTP.get(rows + ":stream?resume_token=x").status()).isEqualTo(400);
        assertThat(HTTP.get(rows + ":stream?limit=0").status()).isEqualTo(400);
    }

    @Test
    void shouldStreamOneLineForEachPageHoweverItsJsonIsBroken() {
        HTTP.putJson(rows + "/pretty", "{\n  \"n\": 1,\r\n  \"s\": \"a\\nb\"\r}\n");

        Answer all = HTTP.get(rows + ":stream", "Cache-Control", "no-cache");

        assertThat(all.body().lines()).hasSize(1);
        assertThat(all.body()).endsWith("}\n").doesNotContain("\r");
        assertThat(all.json().at("/rows/0/value/json/n").intValue()).isEqualTo(1);
        assertThat(all.json().at("/rows/0/value/json/s").stringValue()).isEqualTo("a\nb");
    }

    @Test
    void shouldGoOnWithAStreamAsOfTheSameIndex() {
        String puts = IntStream.range(0, 1_500)
                .mapToObj(i ->
                        "{\"table\":\"%s\",\"put\":{\"key\":\"k%04d\",\"value\":{\"json\":%d}}}".formatted(table, i, i))
                .collect(Collectors.joining(","));
        assertThat(HTTP.post("/v1/commits", "{\"mutations\":[" + puts + "]}").status())
                .isEqualTo(200);

        Answer all = HTTP.get(rows + ":stream", "Cache-Control", "no-cache");
        List<JsonNode> pages =
                all.body().lines().map(JsonMapper.shared()::readTree).toList();
        HTTP.putJson(rows + "/k9999", "1");
        Answer rest = HTTP.get(
                rows + ":stream?resume_token=" + pages.get(0).get("resumeToken").stringValue());

        assertThat(pages).hasSize(2);
        assertThat(pages.get(0).get("rows").size()).isEqualTo(1_000);
        assertThat(pages.get(1).at("/rows/499/key").stringValue()).isEqualTo("k1499");
        assertThat(pages.get(1).get("resumeToken").stringValue()).isEmpty();
        assertThat(rest.header("tidemark-index")).isEqualTo(all.header("tidemark-index"));
        assertThat(rest.body().lines()).hasSize(1);
        assertThat(rest.json().get("rows")).isEqualTo(pages.get(1).get("rows"));

        HTTP.put(rows + "/k1200", "no JSON", "Content-Type", "text/plain");
        List<JsonNode> broken = HTTP.get(rows + ":stream?value_form=VALUE_FORM_JSON", "Cache-Control", "no-cache")
                .body()
                .lines()
                .map(JsonMapper.shared()::readTree)
                .toList();
        assertThat(broken).hasSize(2);
        assertThat(broken.get(1).at("/problem/reason").stringValue()).isEqualTo("VALUE_FORM_UNAVAILABLE");
        assertThat(broken.get(1).at("/problem/detail").stringValue()).contains("k1200");
    }

    @Test
    void shouldReadManyRowsAsOfOneIndex() {
        HTTP.putJson(rows + "/a", "{\"n\":1}");
        HTTP.put(rows + "/b", "text", "Content-Type", "text/plain");

        Answer got = HTTP.post("/v1/rows:batchGet", keys("a", "nobody", "b"), "Cache-Control", "no-cache");

        assertThat(got.json().at("/results/0/row/value/json/n").intValue()).isEqualTo(1);
        assertThat(got.json().at("/results/1").has("row")).isFalse();
        assertThat(got.json().at("/results/2/row/value/text").stringValue()).isEqualTo("text");
        assertThat(HTTP.post("/v1/rows:batchGet", "{\"keys\":[]}").status()).isEqualTo(400);
        assertThat(HTTP.post("/v1/rows:batchGet", "{\"keyss\":[]}").status()).isEqualTo(400);
    }

    private String keys(String... keys) {
        List<String> named = new ArrayList<>();
        for (String key : keys) {
            named.add("{\"table\":\"" + table + "\",\"key\":\"" + key + "\"}");
        }
        return "{\"keys\":[" + String.join(",", named) + "]}";
    }

    @Test
    void shouldCommitAllOrNothing() {
        String commit = """
                {"conditions": [{"table": "%1$s", "key": "a", "condition": {"existence": "EXISTENCE_ABSENT"}}],
                 "mutations": [{"table": "%1$s", "put": {"key": "a", "value": {"json": {"n": 9007199254740993}}}},
                               {"table": "%1$s", "increment": {"key": "count", "delta": "2"}}]}""".formatted(table);

        Answer first = HTTP.post("/v1/commits", commit);
        Answer second = HTTP.post("/v1/commits", commit);

        assertThat(first.status()).isEqualTo(200);
        assertThat(first.json().get("outcome").stringValue()).isEqualTo("COMMIT_OUTCOME_COMMITTED");
        assertThat(first.header("tidemark-index"))
                .isEqualTo(first.json().get("index").stringValue());
        assertThat(second.json().get("outcome").stringValue()).isEqualTo("COMMIT_OUTCOME_CONDITION_FAILED");
        assertThat(second.body()).contains("\"json\":{\"n\":9007199254740993}");
        assertThat(HTTP.get(rows + "/a", "Tidemark-Session", first.header("tidemark-session"))
                        .body())
                .isEqualTo("{\"n\":9007199254740993}");
        assertThat(HTTP.get(rows + "/count", "Tidemark-Session", first.header("tidemark-session"))
                        .body())
                .isEqualTo("2");
    }

    @Test
    void shouldCommitOnceHoweverOftenItIsSent() {
        String increment = "{\"mutations\": [{\"table\": \"" + table
                + "\", \"increment\": {\"key\": \"count\", \"delta\": \"2\"}}]}";
        String id = "commit-" + System.nanoTime();
        String create = "{\"table\": \"n" + table + "\"}";

        HTTP.post("/v1/commits", increment, "Idempotency-Key", id);
        Answer again = HTTP.post("/v1/commits", increment, "Idempotency-Key", id);

        assertThat(again.json().get("replayed").booleanValue()).isTrue();
        assertThat(HTTP.get(rows + "/count", "Cache-Control", "no-cache").body())
                .isEqualTo("2");
        assertThat(HTTP.post("/v1/commits:batch", "{\"writes\":[{}]}", "Idempotency-Key", id)
                        .status())
                .isEqualTo(400);
        HTTP.post("/v1/tables", create, "Idempotency-Key", id + "-table");
        assertThat(HTTP.post("/v1/tables", create, "Idempotency-Key", id + "-table")
                        .json()
                        .get("replayed")
                        .booleanValue())
                .isTrue();
    }

    @Test
    void shouldSendManyIndependentWrites() {
        String batch = """
                {"writes": [{"mutations": [{"table": "%1$s", "put": {"key": "a", "value": {"text": "A"}}}]},
                            {"mutations": [{"table": "%1$s", "patch": {"key": "a", "patch": {"json": {}}}}]},
                            {"mutations": [{"table": "%1$s", "put": {"key": "b", "value": {"text": "B"}}}]}]}""".formatted(table);

        Answer answer = HTTP.post("/v1/commits:batch", batch);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/results/0/commit/outcome").stringValue()).isEqualTo("COMMIT_OUTCOME_COMMITTED");
        assertThat(answer.json().at("/results/1/error/details/0/reason").stringValue())
                .isEqualTo("NOT_JSON");
        assertThat(HTTP.get(rows + "/b", "Tidemark-Session", answer.header("tidemark-session"))
                        .body())
                .isEqualTo("B");
        assertThat(HTTP.post("/v1/commits:batch", "{}").status()).isEqualTo(400);
    }

    @Test
    void shouldRefuseMembersThatItDoesNotKnow() {
        Answer answer = HTTP.post("/v1/commits", "{\"mutation\": []}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("detail").stringValue()).contains("mutation");
        assertThat(HTTP.post("/v1/commits?dry_run=true", "{}").status()).isEqualTo(400);
        assertThat(HTTP.post("/v1/commits", "[]").status()).isEqualTo(400);
        assertThat(HTTP.post("/v1/commits", "{\"mutations\":[{}]}").status()).isEqualTo(400);
    }

    @Test
    void shouldMakeListChangeAndDropTables() {
        String name = "m" + table;
        Answer made = HTTP.post("/v1/tables", "{\"table\":\"" + name + "\",\"settings\":{\"defaultTtl\":\"60s\"}}");
        Answer twice = HTTP.post("/v1/tables", "{\"table\":\"" + name + "\",\"settings\":{\"defaultTtl\":\"61s\"}}");
        Answer changed = HTTP.send(
                "PATCH",
                "/v1/tables/" + name,
                "{\"settings\":{\"httpCacheAge\":\"5s\"},\"updateMask\":\"httpCacheAge\"}",
                "Content-Type",
                "application/json");
        Answer got = HTTP.get("/v1/tables/" + name, "Cache-Control", "no-cache");
        Answer listed = HTTP.get("/v1/tables", "Cache-Control", "no-cache");
        Answer dropped = HTTP.delete("/v1/tables/" + name);

        assertThat(made.status()).isEqualTo(200);
        assertThat(twice.status()).isEqualTo(409);
        assertThat(changed.status()).isEqualTo(200);
        assertThat(got.json().at("/table/settings/httpCacheAge").stringValue()).isEqualTo("5s");
        assertThat(listed.body()).contains("\"" + name + "\"");
        assertThat(dropped.status()).isEqualTo(200);
        assertThat(HTTP.get("/v1/tables/" + name, "Cache-Control", "no-cache").status())
                .isIn(404, 200);
    }

    /** Passed over, it would let a write through that was not meant. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "If-Match: *",
                "If-None-Match: *",
                "If-Unmodified-Since: Sat, 01 Jan 2022 00:00:00 GMT",
                "If-Modified-Since: Sat, 01 Jan 2022 00:00:00 GMT"
            })
    void shouldRefuseConditionsInHeadersWhereTheyCannotHold(String header) {
        String[] condition = header.split(": ", 2);
        String write = "{\"mutations\": [{\"table\": \"" + table
                + "\", \"put\": {\"key\": \"a\", \"value\": {\"text\": \"A\"}}}]}";
        HTTP.putJson(rows + "/before", "1");

        for (Answer answer : List.of(
                HTTP.post("/v1/commits", write, condition),
                HTTP.post("/v1/commits:batch", "{\"writes\": [" + write + "]}", condition),
                HTTP.post("/v1/tables", "{\"table\": \"c" + table + "\"}", condition),
                HTTP.send(
                        "PATCH",
                        "/v1/tables/" + table,
                        "{\"settings\": {\"httpCacheAge\": \"5s\"}, \"updateMask\": \"httpCacheAge\"}",
                        "Content-Type",
                        "application/json",
                        condition[0],
                        condition[1]),
                HTTP.delete("/v1/tables/" + table, condition),
                HTTP.post("/api/user", "{\"id\": \"" + table + "\"}", condition))) {
            assertThat(answer.status()).as(answer.body()).isEqualTo(400);
            assertThat(answer.json().get("detail").stringValue()).contains(condition[0].toLowerCase(Locale.ROOT));
        }
        assertThat(HTTP.get(rows + "/a", "Cache-Control", "no-cache").status()).isEqualTo(404);
        assertThat(HTTP.get(rows + "/before", "Cache-Control", "no-cache").status())
                .isEqualTo(200);
    }

    @Test
    void shouldTellOfTheCluster() {
        Answer topology = HTTP.get("/v1/topology");
        String replica = topology.json().at("/topology/replicas/0/replicaId").stringValue();
        Answer status = HTTP.get("/v1/status?server_id=" + replica);
        Answer limits = HTTP.get("/v1/limits");
        Answer probe = HTTP.get("/v1/probe");

        assertThat(topology.json().at("/topology/nodes").size()).isEqualTo(1);
        assertThat(status.json().get("serverId").stringValue()).isEqualTo(replica);
        assertThat(limits.json().at("/limits/maxKeyBytes").intValue()).isEqualTo(1024);
        assertThat(probe.header("tidemark-staleness-ms")).isNotEmpty();
        assertThat(HTTP.get("/v1/status?server_id=nobody").status()).isEqualTo(404);
    }

    private static List<String> keys(Answer answer) {
        List<String> keys = new ArrayList<>();
        for (JsonNode row : answer.json().get("rows")) {
            keys.add(row.get("key").stringValue());
        }
        return keys;
    }
}
