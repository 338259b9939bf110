// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.testkit.TidemarkCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The commands on rows, against a real cluster. */
@Timeout(120)
class DataCommandsTest {

    @RegisterExtension
    static final TidemarkCluster cluster =
            TidemarkCluster.builder().nodes(1).replicas(1).build();

    @TempDir
    private Path directory = Path.of("replaced by JUnit");

    private static Cli.Run run(String... arguments) {
        return Cli.of(cluster.endpoints()).run(arguments);
    }

    private static Cli.Run done(String... arguments) {
        Cli.Run run = run(arguments);
        assertThat(run.code()).as(run.all()).isEqualTo(ExitCode.DONE);
        return run;
    }

    private static JsonObject json(Cli.Run run) {
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }

    @Test
    void shouldGiveBackTheValueAsItIsAndSayWhichStateItIs() {
        Cli.Run put = done("put", "users", "ann", "{\"id\": 12345678901234567890}");
        Cli.Run get = done("get", "users", "ann");

        assertThat(put.out()).startsWith("put users/ann, version 1, at index ").contains("by n1 (leader)");
        assertThat(get.out()).isEqualTo("{\"id\": 12345678901234567890}");
        assertThat(get.err())
                .matches("tidemark: as of index \\d+, at most \\d+ ms stale, served by (n1|r1) \\(\\w+\\)\n");
        assertThat(done("get", "users", "ann", "--quiet").err()).isEmpty();
    }

    @Test
    void shouldGiveAllThatIsKnownAsJson() {
        done("put", "users", "ann", "{\"id\": 12345678901234567890}", "--ttl=1h");

        JsonObject ann = json(done("get", "users", "ann", "--output=json"));

        assertThat(ann.get("found").getAsBoolean()).isTrue();
        assertThat(ann.getAsJsonObject("json").get("id").getAsString()).isEqualTo("12345678901234567890");
        assertThat(ann.get("content_type").getAsString()).isEqualTo("application/json");
        assertThat(ann.get("version").getAsLong()).isEqualTo(1);
        assertThat(ann.has("expire_time")).isTrue();
        assertThat(ann.getAsJsonObject("answer").get("index").getAsLong())
                .isGreaterThanOrEqualTo(ann.get("modified_index").getAsLong());
        assertThat(ann.getAsJsonObject("answer").has("staleness_ms")).isTrue();
        assertThat(done("get", "users", "ann", "--output=yaml").out())
                .contains("version: 1")
                .contains("found: true");
        assertThat(done("get", "users", "ann", "--output=table").out())
                .contains("served by")
                .contains("staleness, at most");
    }

    @Test
    void shouldSayThatARowIsNotThere() {
        Cli.Run get = run("get", "users", "nobody");

        assertThat(get.code()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(get.out()).isEmpty();
        assertThat(get.err()).startsWith("tidemark: no row users/nobody as of index ");
    }

    @Test
    void shouldReadSeveralRowsAsOfOneIndex() {
        done("put", "users", "ann", "Ann");
        done("put", "users", "bob", "Bob");

        Cli.Run both = run("get", "users", "ann", "bob", "carl");

        assertThat(both.code()).isEqualTo(ExitCode.NOT_FOUND);
        assertThat(both.out().lines().map(String::strip))
                .first()
                .asString()
                .startsWith("KEY")
                .endsWith("VALUE");
        assertThat(both.out()).contains("Ann").contains("Bob");
        assertThat(both.err()).contains("no rows of users: carl");
    }

    @Test
    void shouldTakeValuesFromFilesAndStandardInput() throws Exception {
        Path file = directory.resolve("photo");
        Files.write(file, new byte[] {(byte) 0xff, 0, 1});

        done("put", "photos", "ann", "@" + file);
        Cli.Run piped = Cli.of(cluster.endpoints()).runWith("line\n", "put", "notes", "today", "-");
        done("put", "notes", "mail", "@@ann");

        assertThat(piped.code()).isZero();
        assertThat(cluster.client()
                        .table("photos", io.tidemark.client.Codec.bytes())
                        .get("ann")
                        .value())
                .contains(new byte[] {(byte) 0xff, 0, 1});
        assertThat(json(done("get", "photos", "ann", "--output=json"))
                        .get("bytes")
                        .getAsString())
                .isEqualTo("/wAB");
        assertThat(done("get", "notes", "today").out()).isEqualTo("line\n");
        assertThat(done("get", "notes", "mail").out()).isEqualTo("@ann");
    }

    @Test
    void shouldWriteOnlyIfTheConditionHolds() {
        done("put", "users", "ann", "first", "--if-absent");

        Cli.Run second = run("put", "users", "ann", "second", "--if-absent");

        assertThat(second.code()).isEqualTo(ExitCode.CONDITION_FAILED);
        assertThat(second.err().lines()).hasSize(1);
        assertThat(second.err())
                .contains("users/ann: the condition does not hold")
                .contains("version 1");
        done("put", "users", "ann", "second", "--if-version=1");
        done("put", "users", "ann", "third", "--if-value=second");
        long index = json(done("get", "users", "ann", "--output=json"))
                .get("modified_index")
                .getAsLong();
        assertThat(run("delete", "users", "ann", "--if-index=" + (index - 1)).code())
                .isEqualTo(ExitCode.CONDITION_FAILED);
        assertThat(done("delete", "users", "ann", "--if-index=" + index).out())
                .startsWith("deleted users/ann, at index ");
        assertThat(done("delete", "users", "ann").out()).startsWith("there was no users/ann");
    }

    @Test
    void shouldWriteANamedRequestOnce() {
        long index = json(done("put", "users", "ann", "Ann", "--output=json"))
                .getAsJsonObject("answer")
                .get("index")
                .getAsLong();
        String[] command = {"incr", "counters", "visits", "--request-id=visit-1", "--first-sent-index=" + index};

        assertThat(done(command).out()).isEqualTo("1\n");
        done(command);

        assertThat(done("get", "counters", "visits").out()).isEqualTo("1");
    }

    @Test
    void shouldPatchAndAdd() {
        done("put", "users", "ann", "{\"name\": \"Ann\", \"city\": \"Ghent\"}");

        Cli.Run patch = done("patch", "users", "ann", "{\"city\": null}");

        assertThat(patch.out()).startsWith("{\"name\": \"Ann\"}\npatched users/ann, version 2, at index ");
        assertThat(done("incr", "counters", "stock", "--by=-3", "--initial=100").out())
                .isEqualTo("97\n");
        assertThat(run("incr", "users", "ann").err()).contains("integer");
    }

    @Test
    void shouldDeleteAllThatBeginAlike() {
        for (int i = 0; i < 5; i++) {
            done("put", "sessions", "2025-" + i, "x");
        }
        done("put", "sessions", "2026-1", "x");

        assertThat(done("delete", "sessions", "--prefix=2025-").out()).isEqualTo("deleted 5 rows of sessions\n");
        assertThat(done("scan", "sessions").out()).contains("2026-1").doesNotContain("2025-");
        assertThat(run("delete", "sessions", "2026-1", "--prefix=2").code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(run("delete", "sessions").code()).isEqualTo(ExitCode.WRONG_USAGE);
    }

    @Test
    void shouldScanInOrder() {
        for (String key : List.of("a/1", "a/2", "b/1")) {
            done("put", "things", key, "{\"of\": \"" + key + "\"}");
        }

        Cli.Run all = done("scan", "things", "--output=json");

        assertThat(all.out()
                        .lines()
                        .map(line -> JsonParser.parseString(line)
                                .getAsJsonObject()
                                .get("key")
                                .getAsString()))
                .containsExactly("a/1", "a/2", "b/1");
        assertThat(all.err()).startsWith("tidemark: 3 rows as of index ");
        assertThat(done("scan", "things", "--prefix=a/", "--reverse", "--limit=1", "--keys-only")
                        .out()
                        .lines())
                .hasSize(2)
                .last()
                .asString()
                .startsWith("a/2 ");
        assertThat(done("scan", "things", "--from=a/2", "--to=b/1", "--quiet").out())
                .contains("a/2")
                .doesNotContain("b/1 ");
        assertThat(run("scan", "things", "--from=a", "--prefix=b").code()).isEqualTo(ExitCode.WRONG_USAGE);
    }

    @Test
    void shouldReadThePastAsOfAnIndex() {
        long index = json(done("put", "users", "ann", "before", "--output=json"))
                .getAsJsonObject("answer")
                .get("index")
                .getAsLong();
        done("put", "users", "ann", "after");

        assertThat(done("get", "users", "ann", "--consistency=index:" + index).out())
                .isEqualTo("before");
        assertThat(done("get", "users", "ann", "--consistency=bounded:10s,lag:0")
                        .out())
                .isEqualTo("after");
        assertThat(run("get", "users", "ann", "--consistency=index:999999", "--timeout=200ms")
                        .code())
                .isEqualTo(ExitCode.UNAVAILABLE);
    }

    @Test
    void shouldCommitAllOrNothing() {
        String transaction = """
                {"conditions": [{"table": "emails", "key": "ann@example.org", "condition": {"existence": "EXISTENCE_ABSENT"}}],
                 "mutations": [{"table": "emails", "put": {"key": "ann@example.org", "value": {"text": "ann"}}},
                               {"table": "users", "put": {"key": "ann", "value": {"json": {"name": "Ann"}}}},
                               {"table": "counters", "increment": {"key": "users", "delta": "2"}}]}
                """;
        Cli cli = Cli.of(cluster.endpoints());

        Cli.Run first = cli.runWith(transaction, "commit", "-", "--output=json");
        Cli.Run second = cli.runWith(transaction, "commit", "-");

        assertThat(first.code()).as(first.all()).isZero();
        assertThat(json(first).getAsJsonArray("rows")).hasSize(3);
        assertThat(second.code()).isEqualTo(ExitCode.CONDITION_FAILED);
        assertThat(second.err()).contains("condition 0 does not hold: emails/ann@example.org has version 1");
        assertThat(done("get", "users", "ann").out()).isEqualTo("{\"name\":\"Ann\"}");
        assertThat(done("get", "counters", "users").out()).isEqualTo("2");
    }

    @Test
    void shouldSayWhatIsWrongWithATransaction() {
        Cli cli = Cli.of(cluster.endpoints());

        Cli.Run typo = cli.runWith("{\"mutation\": []}", "commit", "-");
        Cli.Run unsupported = cli.runWith(
                "{\"mutations\": [{\"table\": \"t\", \"increment\": {\"key\": \"k\", \"initial\": 5}}]}",
                "commit",
                "-");

        assertThat(typo.code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(typo.err()).contains("mutation").doesNotContain("Exception");
        assertThat(unsupported.code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(unsupported.err()).contains("increment.initial: not offered here");
    }

    @Test
    void shouldWatchAndGoOnWhereItEnded() throws Exception {
        Path place = directory.resolve("place");
        String token = json(done("put", "orders", "0", "zero", "--output=json"))
                .getAsJsonObject("answer")
                .get("token")
                .getAsString();
        Files.writeString(place, token);
        done("put", "orders", "1", "one");
        done("delete", "orders", "1");
        done("put", "orders", "2", "two");

        Cli.Run first = done("watch", "orders", "--resume=" + place, "--count=2");
        Cli.Run second = done("watch", "orders", "--resume=" + place, "--count=1", "--output=json");

        assertThat(first.out().lines()).hasSize(2);
        assertThat(first.out()).containsPattern("\\d+ +create +orders/1  one\n\\d+ +delete +orders/1\n");
        assertThat(json(second).get("key").getAsString()).isEqualTo("2");
        assertThat(json(second).getAsJsonObject("row").get("text").getAsString())
                .isEqualTo("two");
        assertThat(Files.readString(place).strip())
                .isEqualTo(json(second).get("token").getAsString());
    }

    @Test
    void shouldBeginAWatchWithWhatIsThere() throws Exception {
        done("put", "orders", "1", "one");
        CompletableFuture<Cli.Run> watch =
                CompletableFuture.supplyAsync(() -> run("watch", "orders", "--snapshot", "--count=1"));
        while (!watch.isDone()) {
            done("put", "orders", "2", "two");
        }

        Cli.Run watched = watch.get(60, TimeUnit.SECONDS);

        assertThat(watched.out()).containsPattern("\\d+ +present +orders/1  one");
        assertThat(watched.out().lines()).last().asString().contains("orders/2");
    }

    @Test
    void shouldTellInALineWhatFailed() {
        Cli.Run table = run("get", "No-Table", "k");
        Cli.Run nobody = new Cli("--endpoints=127.0.0.1:1", "--timeout=300ms").run("get", "users", "ann");
        Cli.Run consistency = run("get", "users", "ann", "--consistency=bonded:5s");

        assertThat(table.code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(table.err().lines()).hasSize(1);
        assertThat(nobody.code()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(nobody.err()).contains("127.0.0.1:1").contains("--endpoints").doesNotContain("\tat ");
        assertThat(nobody.err().lines()).hasSizeLessThanOrEqualTo(2);
        assertThat(consistency.code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(consistency.err()).contains("bonded:5s").contains("bounded:DURATION");
    }

    /** Scripts tell by it what they got wrong themselves. */
    @Test
    void shouldSayThatTheInputIsWrongWhoeverFoundOut() throws Exception {
        Path large = Files.write(directory.resolve("large"), new byte[(1 << 20) + 1]);
        Path missing = directory.resolve("nope");
        done("put", "users", "ann", "{}");

        Cli.Run tooLarge = run("put", "users", "ann", "@" + large);
        Cli.Run token = run("get", "users", "ann", "--consistency=session:yesterday");
        Cli.Run noFile = run("put", "users", "ann", "@" + missing);

        assertThat(tooLarge.code()).as(tooLarge.all()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(token.code()).as(token.all()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(noFile.code()).as(noFile.all()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(noFile.err()).isEqualTo("tidemark: " + missing + ": no such file\n");
        assertThat(run("commit", missing.toString()).code()).isEqualTo(ExitCode.WRONG_USAGE);
        assertThat(run("watch", "users", "--resume=" + missing.resolve("place")).code())
                .isEqualTo(ExitCode.WRONG_USAGE);
        // The request is in order; what is there is not as it would have to be.
        assertThat(run("incr", "users", "ann").code()).isEqualTo(ExitCode.FAILED);
    }

    @Test
    void shouldKeepTextThatIsNotAscii() {
        done("put", "users", "zo\u00eb", "Zo\u00eb \u2603 \ud83d\ude00");

        assertThat(done("get", "users", "zo\u00eb").out()).isEqualTo("Zo\u00eb \u2603 \ud83d\ude00");
        assertThat(done("get", "users", "zo\u00eb", "--output=yaml").out()).contains("\u2603");
        assertThat("\u2603".getBytes(StandardCharsets.UTF_8)).hasSize(3);
    }
}
