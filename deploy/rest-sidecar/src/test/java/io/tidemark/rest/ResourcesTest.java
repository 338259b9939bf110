// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.rest.Http.Answer;
import io.tidemark.rest.config.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two examples, as their users would use them, and what else resources promise. */
class ResourcesTest {

    private static final Http HTTP = Running.HTTP;

    @Test
    void shouldServeUsers() {
        Answer created = HTTP.post("/api/user/", "{ \"id\": \"ann\", \"name\": \"Ann\", \"karma\": 9007199254740993 }");
        String session = created.header("tidemark-session");
        Answer got = HTTP.get("/api/user/ann", "Tidemark-Session", session);
        Answer taken = HTTP.post("/api/user/", "{\"id\": \"ann\", \"name\": \"Another\"}");
        Answer replaced =
                HTTP.putJson("/api/user/", "{\"id\": \"ann\", \"name\": \"Ann B.\"}", "If-Match", got.header("etag"));
        Answer late = HTTP.putJson("/api/user/ann", "{\"name\": \"Ann C.\"}", "If-Match", got.header("etag"));
        Answer filled = HTTP.putJson("/api/user/ann", "{\"name\": \"Ann D.\"}");
        Answer patched = HTTP.patch("/api/user/ann", "{\"email\": \"ann@example.org\"}");
        Answer deleted = HTTP.delete("/api/user/ann");
        Answer gone = HTTP.get("/api/user/ann", "Tidemark-Session", deleted.header("tidemark-session"));

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("location")).isEqualTo("/api/user/ann");
        assertThat(got.body()).isEqualTo("{ \"id\": \"ann\", \"name\": \"Ann\", \"karma\": 9007199254740993 }");
        assertThat(taken.status()).isEqualTo(409);
        assertThat(taken.json().at("/current/value/json/name").stringValue()).isEqualTo("Ann");
        assertThat(replaced.status()).isEqualTo(200);
        assertThat(late.status()).isEqualTo(412);
        assertThat(filled.json().get("id").stringValue()).isEqualTo("ann");
        assertThat(patched.json().get("name").stringValue()).isEqualTo("Ann D.");
        assertThat(patched.json().get("email").stringValue()).isEqualTo("ann@example.org");
        assertThat(deleted.status()).isEqualTo(204);
        assertThat(gone.status()).isEqualTo(404);
        assertThat(HTTP.delete("/api/user/ann").status()).isEqualTo(404);
        assertThat(HTTP.patch("/api/user/ann", "{\"a\":1}").status()).isEqualTo(404);
    }

    @Test
    void shouldMakeUpIdsOnceForEachRepetition() {
        Answer first = HTTP.post("/api/user", "{\"name\": \"Bob\"}", "Idempotency-Key", "sign-up-1");
        Answer again = HTTP.post("/api/user", "{\"name\": \"Bob\"}", "Idempotency-Key", "sign-up-1");
        Answer other = HTTP.post("/api/user", "{}");

        assertThat(first.status()).isEqualTo(201);
        assertThat(first.json().get("id").stringValue()).hasSize(36);
        assertThat(first.header("location"))
                .isEqualTo("/api/user/" + first.json().get("id").stringValue());
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.header("tidemark-index")).isEqualTo(first.header("tidemark-index"));
        assertThat(other.json().size()).isEqualTo(1);
    }

    @Test
    void shouldServeExpenses() {
        Answer created =
                HTTP.post("/api/expenses", "{\"employee\": \"ann\", \"amount\": 12.50, \"status\": \"SUBMITTED\"}");
        String path = created.header("location");
        HTTP.post("/api/expenses", "{\"employee\": \"ann\", \"id\": 4711, \"amount\": 3}");
        String session = HTTP.post("/api/expenses", "{\"employee\": \"bob\", \"amount\": 1}")
                .header("tidemark-session");

        Answer ofAnn = HTTP.get("/api/expenses/ann", "Tidemark-Session", session);
        Answer firstPage = HTTP.get("/api/expenses?limit=1", "Tidemark-Session", session);
        Answer one = HTTP.get(path);
        Answer approved = HTTP.patch(path, "{\"status\": \"APPROVED\"}", "If-Match", one.header("etag"));
        Answer rejected = HTTP.patch(path, "{\"status\": \"REJECTED\"}", "If-Match", one.header("etag"));

        assertThat(created.status()).isEqualTo(201);
        assertThat(path).startsWith("/api/expenses/ann/");
        assertThat(ofAnn.json().size()).isEqualTo(2);
        assertThat(firstPage.json().size()).isEqualTo(1);
        String next = firstPage.header("link");
        assertThat(next).contains("rel=\"next\"");
        assertThat(HTTP.get(next.substring(1, next.indexOf('>'))).json().size()).isEqualTo(1);
        assertThat(approved.json().get("status").stringValue()).isEqualTo("APPROVED");
        assertThat(approved.body()).contains("12.50");
        assertThat(rejected.status()).isEqualTo(412);
        assertThat(rejected.json().at("/current/value/json/status").stringValue())
                .isEqualTo("APPROVED");
        assertThat(HTTP.get("/api/expenses/ann/4711").status()).isEqualTo(200);
        assertThat(HTTP.putJson(path, "{}").status()).isEqualTo(405);
    }

    @Test
    void shouldSayThatARepetitionIsOne() {
        String id = UUID.randomUUID().toString();
        Answer first = HTTP.post("/api/user", "{\"name\": \"Eve\"}", "Idempotency-Key", id);
        Answer again = HTTP.post("/api/user", "{\"name\": \"Eve\"}", "Idempotency-Key", "\"" + id + "\"");
        Answer another = HTTP.post("/api/user", "{\"name\": \"Eva\"}", "Idempotency-Key", id);

        assertThat(again.status()).isEqualTo(201);
        assertThat(again.header("location")).isEqualTo(first.header("location"));
        assertThat(first.header("tidemark-replayed")).isEmpty();
        assertThat(again.header("tidemark-replayed")).isEqualTo("true");
        assertThat(another.status()).isEqualTo(409);
        assertThat(another.json().get("reason").stringValue()).isEqualTo("REQUEST_ID_REUSED");
    }

    @Test
    void shouldNameTheRowThatNoListOfDocumentsCanHold() {
        HTTP.put("/v1/tables/expenses/rows/zoe/text", "no JSON", "Content-Type", "text/plain");

        Answer list = HTTP.get("/api/expenses/zoe", "Cache-Control", "no-cache");
        HTTP.delete("/v1/tables/expenses/rows/zoe/text");

        assertThat(list.status()).isEqualTo(406);
        assertThat(list.json().get("detail").stringValue()).contains("expenses/zoe/text");
        assertThat(HTTP.get("/api/expenses/zoe", "Cache-Control", "no-cache").body())
                .isEqualTo("[]");
        assertThat(HTTP.get("/api/expenses/zoe%2Fx").status()).isEqualTo(400);
    }

    /** Both have bounds of their own for reads, which no state of the past could keep. */
    @Test
    void shouldReadThePast() {
        String index = HTTP.putJson("/api/user/tim", "{\"n\": 1}").header("tidemark-index");
        HTTP.putJson("/api/user/tim", "{\"n\": 2}");

        Answer one = HTTP.get("/api/user/tim", "Tidemark-Read", "as-of=" + index);
        Answer list = HTTP.get("/api/user", "Tidemark-Read", "as-of=" + index);
        Answer both = HTTP.get("/api/user/tim", "Tidemark-Read", "max-staleness=1s, as-of=" + index);

        assertThat(one.json().get("n").intValue()).isEqualTo(1);
        assertThat(list.status()).as(list.body()).isEqualTo(200);
        assertThat(list.body()).contains("{\"id\":\"tim\",\"n\": 1}");
        assertThat(both.status()).isEqualTo(400);
    }

    /** Who was told that there is nothing has seen it. */
    @Test
    void shouldTakeSessionsAlongWhereThereIsNothingToChange() {
        Answer deleted = HTTP.delete("/api/user/nobody");
        Answer patched = HTTP.patch("/api/user/nobody", "{}");

        for (Answer absent : List.of(deleted, patched)) {
            assertThat(absent.status()).isEqualTo(404);
            assertThat(absent.header("tidemark-index")).matches("[1-9][0-9]*");
            assertThat(absent.header("tidemark-session")).endsWith("." + absent.header("tidemark-index"));
        }
    }

    @Test
    void shouldRefuseDocumentsThatAreNone() {
        assertThat(HTTP.post("/api/expenses", "{\"amount\": 1}")
                        .json()
                        .get("detail")
                        .stringValue())
                .contains("employee: missing");
        assertThat(HTTP.post("/api/user", "[]").status()).isEqualTo(400);
        assertThat(HTTP.post("/api/user", "{\"id\": \"a/b\"}").status()).isEqualTo(400);
        assertThat(HTTP.post("/api/user", "{\"id\": true}").status()).isEqualTo(400);
        // No URL could name these.
        assertThat(HTTP.post("/api/user", "{\"id\": \".\"}").status()).isEqualTo(400);
        assertThat(HTTP.post("/api/user", "{\"id\": \"..\"}").status()).isEqualTo(400);
        assertThat(HTTP.post("/api/user", "{\"id\": \"a\\nb\"}").status()).isEqualTo(400);
        assertThat(HTTP.post("/api/user", "{\"id\": \"a\\u007f\"}").status()).isEqualTo(400);
        assertThat(HTTP.post("/api/user", "{\"id\": \"\"}").status()).isEqualTo(400);
        assertThat(HTTP.putJson("/api/user/ann", "{\"id\": \"bob\"}").status()).isEqualTo(400);
        assertThat(HTTP.patch("/api/user/ann", "{\"id\": \"bob\"}").status()).isEqualTo(400);
        assertThat(HTTP.put("/api/user/ann", "{}", "Content-Type", "text/plain").status())
                .isEqualTo(415);
        assertThat(HTTP.get("/api/user?limit=0").status()).isEqualTo(400);
        assertThat(HTTP.get("/api/user?filter=x").status()).isEqualTo(400);
        assertThat(HTTP.get("/api/user/a%2Fb").status()).isEqualTo(400);
    }

    @Test
    void shouldNameAllThatIsWrongWithAFile(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("wrong.yaml");
        Files.writeString(file, """
                resources:
                  - path: api/user
                    tabl: users
                    key: [id, id]
                    generate: number
                    operations: [get, remove]
                    reads: {get: fresh, list: eventual}
                  - path: /v1/mine
                    table: users
                    key: id
                """);

        assertThatThrownBy(() -> Running.sidecar("--resources.files=" + file))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(
                        "'api/user' (expected: a path",
                        "unknown member 'tabl' (did you mean table?)",
                        "[id, id] (expected: each name once)",
                        "'number' (expected: uuid)",
                        "unknown operation 'remove'",
                        "'fresh'",
                        "/v1/mine");
    }

    @Test
    void shouldNameWhatIsWrongInEachFile(@TempDir Path directory) throws IOException {
        Path first = Files.writeString(directory.resolve("first.yaml"), "resorces: []\n");
        Path second = Files.writeString(directory.resolve("second.yaml"), """
                resources:
                  - {path: /api/a, table: a, key: id, operations: [get], reads: {gets: eventual}}
                """);
        Path third = Files.writeString(directory.resolve("third.yaml"), """
                resources:
                  - {path: /api/b, table: b, key: id, operations: [get, list]}
                  - {path: /api/b, table: c, key: id, operations: [delete]}
                  - {path: /api/b, table: d, key: id}
                """);
        Path none = directory.resolve("none.yaml");

        assertThatThrownBy(
                        () -> Running.sidecar("--resources.files=" + first + "," + second + "," + third + "," + none))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(String.join(
                        "\n",
                        "first.yaml: unknown member 'resorces' (did you mean resources?)",
                        "second.yaml: resources[0].reads: unknown member 'gets' (did you mean get?)",
                        "third.yaml: resources[2].path: '/api/b' (expected: a path that no other resource has, or other operations)",
                        none + ": no such file (expected: a YAML file)"));
    }
}
