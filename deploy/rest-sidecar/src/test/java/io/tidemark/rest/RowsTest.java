// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.rest.Http.Answer;
import io.tidemark.rest.server.Sidecar;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows over HTTP, and what the headers say. */
class RowsTest {

    private static final Http HTTP = Running.HTTP;

    private final String rows = "/v1/tables/" + Running.table() + "/rows/";

    @Test
    void shouldGiveBackTheUsersOwnJsonToTheLetter() {
        String json = "{ \"big\": 9007199254740993, \"pi\": 3.10, \"z\": 1, \"a\": [ ] }";

        Answer put = HTTP.putJson(rows + "ann", json);
        Answer get = HTTP.get(rows + "ann", "Tidemark-Session", put.header("tidemark-session"));

        assertThat(put.status()).isEqualTo(201);
        assertThat(get.status()).isEqualTo(200);
        assertThat(get.body()).isEqualTo(json);
        assertThat(get.header("content-type")).isEqualTo("application/json");
        assertThat(get.header("etag")).isEqualTo(put.header("etag")).matches("\"[0-9a-z]{16}-[0-9]+\"");
        assertThat(get.header("tidemark-index")).matches("[0-9]+");
        assertThat(get.header("tidemark-staleness-ms")).matches("[0-9]+(\\.[0-9]{3})?");
        assertThat(get.header("age")).matches("[0-9]+");
        assertThat(Long.parseLong(get.header("age")) * 1000)
                .isGreaterThanOrEqualTo((long) Double.parseDouble(get.header("tidemark-staleness-ms")));
        assertThat(get.header("tidemark-served-by")).isNotEmpty();
        assertThat(get.header("x-content-type-options")).isEqualTo("nosniff");
    }

    @Test
    void shouldKeepTextAndBytesWithTheirTypes() throws Exception {
        assertThat(HTTP.put(rows + "text", "grüezi", "Content-Type", "text/plain; charset=utf-8")
                        .status())
                .isEqualTo(201);
        assertThat(HTTP.put(rows + "bytes", "\u0000\u0001").status()).isEqualTo(201);

        Answer text = HTTP.get(rows + "text", "Cache-Control", "no-cache");
        HttpResponse<byte[]> bytes = HTTP.bytes(rows + "bytes", "Cache-Control", "no-cache");

        assertThat(text.body()).isEqualTo("grüezi");
        assertThat(text.header("content-type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(bytes.body()).containsExactly(0, 1);
        assertThat(bytes.headers().firstValue("content-type")).contains("application/octet-stream");
    }

    @Test
    void shouldTellCreatedFromChanged() {
        assertThat(HTTP.putJson(rows + "k", "1").status()).isEqualTo(201);
        assertThat(HTTP.putJson(rows + "k", "2").status()).isEqualTo(204);
        assertThat(HTTP.get(rows + "k", "Cache-Control", "no-cache").body()).isEqualTo("2");
        assertThat(HTTP.delete(rows + "k").header("tidemark-deleted-rows")).isEqualTo("1");
        assertThat(HTTP.delete(rows + "k").header("tidemark-deleted-rows")).isEqualTo("0");
        assertThat(HTTP.putJson(rows + "k", "3").status()).isEqualTo(201);
    }

    @Test
    void shouldSayOfAnAbsentRowAsOfWhen() {
        HTTP.putJson(rows + "other", "1");

        Answer absent = HTTP.get(rows + "nobody", "Cache-Control", "no-cache");

        assertThat(absent.status()).isEqualTo(404);
        assertThat(absent.header("content-type")).isEqualTo("application/problem+json");
        assertThat(absent.json().get("reason").stringValue()).isEqualTo("ROW_NOT_FOUND");
        assertThat(absent.header("tidemark-index")).matches("[0-9]+");
        assertThat(HTTP.get("/v1/tables/nosuchtable/rows/a")
                        .json()
                        .get("reason")
                        .stringValue())
                .isEqualTo("TABLE_NOT_FOUND");
    }

    @Test
    void shouldWriteOnlyWhatConditionsAllow() {
        String first =
                HTTP.putJson(rows + "k", "{\"n\":1}", "If-None-Match", "*").header("etag");
        Answer taken = HTTP.putJson(rows + "k", "{\"n\":2}", "If-None-Match", "*");
        Answer changed = HTTP.putJson(rows + "k", "{\"n\":3}", "If-Match", first);
        Answer late = HTTP.putJson(rows + "k", "{\"n\":4}", "If-Match", first);

        assertThat(taken.status()).isEqualTo(412);
        assertThat(taken.json().at("/current/value/json/n").intValue()).isEqualTo(1);
        assertThat(taken.header("etag")).isEqualTo(first);
        assertThat(changed.status()).isEqualTo(204);
        assertThat(late.status()).isEqualTo(412);
        assertThat(late.json().get("reason").stringValue()).isEqualTo("CONDITION_FAILED");
        assertThat(late.header("etag")).isEqualTo(changed.header("etag"));
        assertThat(HTTP.delete(rows + "k", "If-Match", "\"somebody-elses\"").status())
                .isEqualTo(412);
        assertThat(HTTP.putJson(rows + "new", "1", "If-Match", "*").status()).isEqualTo(412);
        assertThat(HTTP.putJson(rows + "k", "5", "If-Match", "W/" + changed.header("etag"))
                        .status())
                .isEqualTo(412);
        assertThat(HTTP.putJson(rows + "k?condition.version=1", "5").status()).isEqualTo(409);
        assertThat(HTTP.putJson(rows + "k?condition.version=2", "5").status()).isEqualTo(204);
        assertThat(HTTP.delete(rows + "k", "If-Match", "*").status()).isEqualTo(204);
    }

    @Test
    void shouldRefuseAnETagOfAnotherHistory() {
        HTTP.putJson(rows + "k", "1");

        assertThat(HTTP.putJson(rows + "k", "2", "If-Match", "\"0000000000000000-1\"")
                        .status())
                .isEqualTo(412);
    }

    @Test
    void shouldAnswerWithoutABodyWhatTheCallerHas() {
        String tag = HTTP.putJson(rows + "k", "1").header("etag");

        Answer same = HTTP.get(rows + "k", "If-None-Match", tag, "Cache-Control", "no-cache");
        Answer listed = HTTP.get(rows + "k", "If-None-Match", "\"x\", W/" + tag, "Cache-Control", "no-cache");
        Answer other = HTTP.get(rows + "k", "If-None-Match", "\"x\"", "Cache-Control", "no-cache");

        assertThat(same.status()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        assertThat(same.header("etag")).isEqualTo(tag);
        assertThat(listed.status()).isEqualTo(304);
        assertThat(other.status()).isEqualTo(200);
    }

    @Test
    void shouldDescribeARowOnRequest() {
        String tag = HTTP.putJson(rows + "k", "{\"n\": 9007199254740993}").header("etag");
        String[] fresh = {"Cache-Control", "no-cache"};

        Answer document =
                HTTP.get(rows + "k", "Accept", "application/vnd.tidemark.row+json", "Cache-Control", "no-cache");
        Answer bytes = HTTP.get(rows + "k?value_form=VALUE_FORM_BYTES", fresh);
        Answer text = HTTP.get(rows + "k?valueForm=VALUE_FORM_TEXT", fresh);
        Answer bare = HTTP.get(rows + "k?row_view=ROW_VIEW_METADATA", fresh);

        assertThat(document.body()).contains("\"json\":{\"n\": 9007199254740993}");
        assertThat(document.json().at("/row/version").stringValue()).isEqualTo("1");
        assertThat(document.header("etag")).isEqualTo(tag.replaceAll("\"$", "-row\""));
        assertThat(Base64.getDecoder()
                        .decode(bytes.json().at("/row/value/bytes").stringValue()))
                .isEqualTo("{\"n\": 9007199254740993}".getBytes(StandardCharsets.UTF_8));
        assertThat(text.json().at("/row/value/text").stringValue()).isEqualTo("{\"n\": 9007199254740993}");
        assertThat(bare.json().at("/row").has("value")).isFalse();
        HTTP.put(rows + "raw", "\u0000", "Content-Type", "application/octet-stream");
        assertThat(HTTP.get(rows + "raw?value_form=VALUE_FORM_JSON", fresh).status())
                .isEqualTo(406);
    }

    @Test
    void shouldMergePatches() {
        HTTP.putJson(rows + "k", "{\"a\": 1, \"b\": {\"c\": 2}}");

        Answer patched = HTTP.patch(rows + "k", "{\"b\": {\"d\": 12345678901234567890}, \"a\": null}");
        Answer wrongType = HTTP.send("PATCH", rows + "k", "{}", "Content-Type", "text/plain");
        Answer noJson = HTTP.patch(rows + "k", "{");
        HTTP.put(rows + "text", "no json", "Content-Type", "text/plain");

        assertThat(patched.status()).isEqualTo(200);
        assertThat(patched.json().at("/b/d").asString()).isEqualTo("12345678901234567890");
        assertThat(patched.json().has("a")).isFalse();
        assertThat(wrongType.status()).isEqualTo(415);
        assertThat(wrongType.header("accept-patch")).isEqualTo("application/merge-patch+json");
        assertThat(noJson.status()).isEqualTo(400);
        assertThat(HTTP.patch(rows + "text", "{\"a\":1}").json().get("reason").stringValue())
                .isEqualTo("NOT_JSON");
        assertThat(HTTP.patch(rows + "new", "{\"a\":1}").status()).isEqualTo(201);
        assertThat(HTTP.patch(rows + "new", "{\"a\":2}").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a/b/c",
                "with space",
                "grüße/日本",
                "semi;colon=1",
                "plus+plus",
                "per%cent",
                "q?u&e=s",
                "a:b",
                "rows:stream",
                "c#d",
                "e\"f",
                "dots..inside",
                "🦊"
            })
    void shouldTakeKeysInPathsAsTheyAre(String key) {
        String encoded = java.net.URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20");
        String withSlashes = encoded.replace("%2F", "/");

        assertThat(HTTP.put(rows + encoded, key, "Content-Type", "text/plain").status())
                .isEqualTo(201);

        assertThat(HTTP.get(rows + withSlashes, "Cache-Control", "no-cache").body())
                .isEqualTo(key);
        Answer listed = HTTP.get(rows.replaceAll("/$", "") + "?read_options.strength=STRENGTH_LINEARIZABLE");
        assertThat(listed.json().at("/rows/0/key").stringValue()).isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a//b", "/", "..", ".", "a/../b", "a/", "./x", "a b+c", "//", "%2F", ";", "x=..;/y"})
    void shouldTakeEveryKeyAsAParameter(String key) {
        String row = rows.replace("/rows/", "/row") + "?key=" + java.net.URLEncoder.encode(key, StandardCharsets.UTF_8);

        assertThat(HTTP.put(row, key, "Content-Type", "text/plain").status()).isEqualTo(201);

        assertThat(HTTP.get(row, "Cache-Control", "no-cache").body()).isEqualTo(key);
        assertThat(HTTP.putJson(row, "{\"a\":1}").status()).isEqualTo(204);
        assertThat(HTTP.patch(row, "{\"b\":2}").json().get("b").intValue()).isEqualTo(2);
        assertThat(HTTP.delete(row).header("tidemark-deleted-rows")).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0000", "a\nb", "\r", "\u001f\u007f", "\u0085", "plain", "grüße/日本"})
    void shouldTakeKeysThatNoUrlCanCarryInBase64(String key) {
        String row = rows.replace("/rows/", "/row") + "?key_base64="
                + Base64.getUrlEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));

        assertThat(HTTP.putJson(row, "{\"a\":1}").status()).isEqualTo(201);

        assertThat(HTTP.get(row, "Cache-Control", "no-cache").body()).isEqualTo("{\"a\":1}");
        assertThat(HTTP.patch(row, "{\"a\":2}").status()).isEqualTo(200);
        assertThat(HTTP.get(rows.replaceAll("/$", "") + "?read_options.strength=STRENGTH_LINEARIZABLE")
                        .json()
                        .at("/rows/0/key")
                        .stringValue())
                .isEqualTo(key);
        assertThat(HTTP.delete(row).header("tidemark-deleted-rows")).isEqualTo("1");
    }

    @Test
    void shouldRefuseKeysInBase64ThatAreNone() {
        String row = rows.replace("/rows/", "/row");
        for (String wrong : List.of("?key_base64=", "?key_base64=*", "?key_base64=_w", "?key_base64=YQ&key=a")) {
            assertThat(HTTP.get(row + wrong).status()).as(wrong).isEqualTo(400);
        }
        assertThat(HTTP.get(rows + "a?key_base64=YQ").status()).isEqualTo(400);
    }

    /** Armeria would collapse, resolve or strip these, and another row would be read or written. */
    @ParameterizedTest
    @ValueSource(strings = {"a//b", "a/./b", "a/../b", "../b", "a/%2e%2e/b", "%2e", "a/", "a//"})
    void shouldRefusePathsThatOthersMend(String key) {
        String answer = Running.HTTP.rawGet(rows + key);

        assertThat(answer).startsWith("HTTP/1.1 4").contains("application/problem+json");
    }

    @Test
    void shouldKeepBothSpellingsOfASlashApartFromTheMendedPath() {
        HTTP.put(rows + "a%2F%2Fb", "two", "Content-Type", "text/plain");
        HTTP.put(rows + "a/b", "one", "Content-Type", "text/plain");

        assertThat(HTTP.get(rows + "a%2F%2Fb", "Cache-Control", "no-cache").body())
                .isEqualTo("two");
        assertThat(HTTP.get(rows + "a/b", "Cache-Control", "no-cache").body()).isEqualTo("one");
    }

    @Test
    void shouldRefuseWhatCannotBeMeant() {
        assertThat(HTTP.putJson(rows + "k", "{\"a\":1,}").json().get("reason").stringValue())
                .isEqualTo("BODY_NOT_JSON");
        assertThat(HTTP.putJson(rows + "k", "{\"a\":1,\"a\":2}").status()).isEqualTo(400);
        assertThat(HTTP.put(rows + "k", "a=b", "Content-Type", "application/x-www-form-urlencoded")
                        .status())
                .isEqualTo(415);
        assertThat(HTTP.put(rows + "k", "x", "Content-Encoding", "gzip").status())
                .isEqualTo(415);
        assertThat(HTTP.get(rows + "k?minIndex=1").json().get("detail").stringValue())
                .contains("unknown");
        assertThat(HTTP.get(rows + "k?key=other").status()).isEqualTo(400);
        assertThat(HTTP.get(rows + "k?read_options.min_index=abc").status()).isEqualTo(400);
        assertThat(HTTP.get(rows + "k?read_options.max_stalenes=1s")
                        .json()
                        .get("detail")
                        .stringValue())
                .contains("did you mean max_staleness?");
        assertThat(HTTP.get(rows + "k", "Tidemark-Read", "fresh").status()).isEqualTo(400);
        assertThat(HTTP.get(rows + "k", "Cache-Control", "max-age=soon").status())
                .isEqualTo(400);
        assertThat(HTTP.get(rows + "k", "Tidemark-Session", "nonsense")
                        .json()
                        .get("reason")
                        .stringValue())
                .isEqualTo("BAD_SESSION_TOKEN");
        assertThat(HTTP.putJson(rows + "k", "1", "If-Unmodified-Since", "Sat, 01 Jan 2022 00:00:00 GMT")
                        .status())
                .isEqualTo(400);
        assertThat(HTTP.putJson(rows + "k", "1", "If-None-Match", "\"x\"").status())
                .isEqualTo(400);
        assertThat(HTTP.get("/v1/tables/UPPER/rows/a").status()).isEqualTo(400);
        assertThat(HTTP.putJson(rows + "x".repeat(1025), "1").status()).isEqualTo(400);
    }

    @Test
    void shouldReadAsFreshAsIsAsked() {
        Answer put = HTTP.putJson(rows + "k", "1");
        String index = put.header("tidemark-index");
        HTTP.putJson(rows + "k", "2");

        assertThat(HTTP.get(rows + "k", "Tidemark-Read", "as-of=" + index).body())
                .isEqualTo("1");
        assertThat(HTTP.get(rows + "k", "Tidemark-Read", "linearizable").body()).isEqualTo("2");
        assertThat(HTTP.get(rows + "k", "Cache-Control", "max-age=0").body()).isEqualTo("2");
        assertThat(HTTP.get(rows + "k?read_options.max_staleness=0.5s").status())
                .isEqualTo(200);
        assertThat(HTTP.get(rows + "k?read_options.min_index=" + index, "Tidemark-Read", "eventual")
                        .status())
                .isEqualTo(200);
        Answer tooFar = HTTP.get(
                rows + "k", "Tidemark-Read", "min-index=999999999, eventual, max-wait=20ms", "Tidemark-Timeout", "1s");
        assertThat(tooFar.status()).isEqualTo(503);
        assertThat(tooFar.json().get("reason").stringValue()).isEqualTo("TOO_STALE");
        assertThat(tooFar.header("retry-after")).isNotEmpty();
        Answer anyway = HTTP.get(
                rows + "k",
                "Tidemark-Read",
                "min-index=999999999, eventual, max-wait=20ms, serve-unmet",
                "Tidemark-Timeout",
                "1s");
        assertThat(anyway.status()).isEqualTo(200);
        assertThat(anyway.header("tidemark-unmet")).contains("min-index=999999999");
    }

    @Test
    void shouldReadThePastBesideASessionInACookie() throws Exception {
        try (Sidecar baker = Running.sidecar("--session.cookie=tm")) {
            Http http = new Http(baker.restPort());
            String index = http.putJson(rows + "k", "1").header("tidemark-index");
            String cookie = http.putJson(rows + "k", "2").header("set-cookie").split(";", -1)[0];
            String token = cookie.substring(3);

            Answer past = http.get(rows + "k", "Tidemark-Read", "as-of=" + index, "Cookie", cookie);
            Answer inQuery = http.get(rows + "k?read_options.as_of_index=" + index, "Cookie", cookie);
            Answer otherHistory =
                    http.get(rows + "k", "Tidemark-Read", "as-of=" + index, "Cookie", "tm=tm1.0000000000000000.1");
            Answer meant = http.get(rows + "k", "Tidemark-Read", "as-of=" + index, "Tidemark-Session", token);

            assertThat(past.body()).isEqualTo("1");
            assertThat(past.header("tidemark-session")).isEqualTo(token);
            assertThat(inQuery.body()).isEqualTo("1");
            assertThat(otherHistory.status()).isEqualTo(409);
            // Who says it with the request means it, and both cannot be had.
            assertThat(meant.status()).isEqualTo(400);
        }
    }

    @Test
    void shouldTellWithAConditionThatNeverHoldsWhatIsThere() {
        String tag = HTTP.putJson(rows + "k", "{\"n\":1}").header("etag");

        for (String header : List.of("W/" + tag, "\"somebody-elses\"")) {
            Answer put = HTTP.putJson(rows + "k", "{\"n\":2}", "If-Match", header);
            Answer delete = HTTP.delete(rows + "k", "If-Match", header);
            Answer nobody = HTTP.putJson(rows + "nobody", "{}", "If-Match", header);

            for (Answer refused : List.of(put, delete)) {
                assertThat(refused.status()).isEqualTo(412);
                assertThat(refused.json().get("reason").stringValue()).isEqualTo("CONDITION_FAILED");
                assertThat(refused.json().get("detail").stringValue()).contains("If-Match: " + header);
                assertThat(refused.json().at("/current/value/json/n").intValue())
                        .isEqualTo(1);
                assertThat(refused.header("etag")).isEqualTo(tag);
            }
            assertThat(nobody.status()).isEqualTo(412);
            assertThat(nobody.json().get("current").isNull()).isTrue();
        }
    }

    @Test
    void shouldTellWhichRowIsThereInsteadOfTheOneThatIsMeant() {
        String tag = HTTP.putJson(rows + "k", "{\"n\":1}").header("etag");

        Answer other = HTTP.get(rows + "k", "If-Match", "\"x\"", "Cache-Control", "no-cache");
        Answer weak = HTTP.get(rows + "k", "If-Match", "W/" + tag, "Cache-Control", "no-cache");
        Answer nobody = HTTP.get(rows + "nobody", "If-Match", "*", "Cache-Control", "no-cache");

        assertThat(other.status()).isEqualTo(412);
        assertThat(other.json().at("/current/value/json/n").intValue()).isEqualTo(1);
        assertThat(other.header("etag")).isEqualTo(tag);
        assertThat(weak.status()).isEqualTo(412);
        assertThat(nobody.json().get("current").isNull()).isTrue();
    }

    /** Who was told what is there has seen it. */
    @Test
    void shouldTakeSessionsAlongWhereAWriteIsRefused() {
        HTTP.putJson(rows + "k", "1");
        String newest = HTTP.putJson(rows + "k", "2").header("tidemark-session");

        for (Answer refused : List.of(
                HTTP.putJson(rows + "k", "3", "If-None-Match", "*"),
                HTTP.putJson(rows + "k?condition.version=1", "3"),
                HTTP.delete(rows + "nobody", "If-Match", "*"))) {
            assertThat(refused.status()).isIn(409, 412);
            long index = Long.parseLong(refused.header("tidemark-index"));
            assertThat(index).isGreaterThanOrEqualTo(Long.parseLong(newest.substring(newest.lastIndexOf('.') + 1)));
            assertThat(refused.header("tidemark-session"))
                    .isEqualTo(newest.substring(0, newest.lastIndexOf('.') + 1) + index);
        }
    }

    @Test
    void shouldDescribeAPatchedRowOnRequest() {
        HTTP.putJson(rows + "k", "{\"n\":1}");

        Answer bare = HTTP.patch(rows + "k?row_view=ROW_VIEW_METADATA", "{\"n\":2}");
        Answer text = HTTP.patch(rows + "k?value_form=VALUE_FORM_TEXT", "{\"n\":3}");

        assertThat(bare.status()).isEqualTo(200);
        assertThat(bare.json().at("/row/version").stringValue()).isEqualTo("2");
        assertThat(bare.json().get("row").has("value")).isFalse();
        assertThat(bare.json().get("index").stringValue()).isEqualTo(bare.header("tidemark-index"));
        assertThat(text.json().at("/row/value/text").stringValue()).isEqualTo("{\"n\":3}");
    }

    @Test
    void shouldGiveBackNoValueOfWhatAWriteReplacedWhereNoneIsWanted() {
        HTTP.putJson(rows + "k", "1");

        Answer put = HTTP.putJson(rows + "k?previous_row=PREVIOUS_ROW_METADATA", "2");
        Answer delete = HTTP.delete(rows + "k?previous_row=PREVIOUS_ROW_METADATA");

        for (Answer answer : List.of(put, delete)) {
            assertThat(answer.json().at("/previousRow/version").stringValue()).isNotEmpty();
            assertThat(answer.json().get("previousRow").has("value")).isFalse();
        }
    }

    /** One whose rows caches may keep for half a minute. */
    private static String cachedTable() {
        String table = Running.table();
        HTTP.post("/v1/tables", "{\"table\": \"" + table + "\", \"settings\": {\"httpCacheAge\": \"30s\"}}");
        return table;
    }

    @Test
    void shouldLetCachesKeepAnswersAsLongAsTheTableAllows() {
        String table = cachedTable();
        HTTP.putJson("/v1/tables/" + table + "/rows/k", "1");
        HTTP.putJson(rows + "k", "1");

        Answer cached = HTTP.get("/v1/tables/" + table + "/rows/k", "Cache-Control", "no-cache");
        Answer uncached = HTTP.get(rows + "k", "Cache-Control", "no-cache");

        assertThat(cached.header("cache-control")).isEqualTo("public, max-age=30, must-revalidate");
        assertThat(cached.header("age")).isNotEmpty();
        assertThat(String.join(",", cached.headers().allValues("vary")).toLowerCase(Locale.ROOT))
                .contains("tidemark-read");
        assertThat(uncached.header("cache-control")).isEqualTo("no-store");
    }

    /** Caches heed Cache-Control alone: whoever asks in other words must not be given what was kept for longer than that. */
    @ParameterizedTest
    @CsvSource({
        "Tidemark-Read, linearizable, '', no-store",
        "Tidemark-Read, max-lag=10, '', no-store",
        "Tidemark-Read, max-staleness=900ms, '', no-store",
        "Tidemark-Read, max-staleness=7s, '', 'public, max-age=7, must-revalidate'",
        "Tidemark-Read, max-staleness=70s, '', 'public, max-age=30, must-revalidate'",
        "Tidemark-Read, eventual, '', 'public, max-age=30, must-revalidate'",
        "Accept, */*, ?read_options.strength=STRENGTH_LINEARIZABLE, no-store",
        "Accept, */*, ?read_options.max_staleness=9s, 'public, max-age=9, must-revalidate'"
    })
    void shouldLetCachesKeepNothingForLongerThanWasAsked(String header, String value, String query, String told) {
        String table = cachedTable();
        String session = HTTP.putJson("/v1/tables/" + table + "/rows/k", "1").header("tidemark-session");

        for (String path : List.of("/rows/k", "/rows")) {
            Answer answer = HTTP.get("/v1/tables/" + table + path + query, header, value, "Tidemark-Session", session);

            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.header("cache-control")).isEqualTo(told);
        }
    }

    @Test
    void shouldLetCachesKeepNoPageThatLeadsToFurtherOnes() {
        String table = cachedTable();
        HTTP.putJson("/v1/tables/" + table + "/rows/a", "1");
        HTTP.putJson("/v1/tables/" + table + "/rows/b", "1");
        String list = "/v1/tables/" + table + "/rows?page_size=1";

        Answer first = HTTP.get(list, "Cache-Control", "no-cache");
        Answer last = HTTP.get(
                list + "&page_token=" + first.json().get("nextPageToken").stringValue());

        assertThat(first.header("cache-control")).isEqualTo("no-store");
        assertThat(last.status()).as(last.body()).isEqualTo(200);
        assertThat(last.header("cache-control")).isEqualTo("no-store");
    }

    @Test
    void shouldLetCachesKeepListsAsLongAsTheirRows() {
        String table = cachedTable();
        HTTP.putJson("/v1/tables/" + table + "/rows/k", "1");
        HTTP.putJson(rows + "k", "1");

        Answer cached = HTTP.get("/v1/tables/" + table + "/rows", "Cache-Control", "no-cache");
        Answer uncached = HTTP.get(rows.substring(0, rows.length() - 1), "Cache-Control", "no-cache");

        assertThat(cached.status()).isEqualTo(200);
        assertThat(cached.header("cache-control")).isEqualTo("public, max-age=30, must-revalidate");
        assertThat(cached.header("age")).isNotEmpty();
        assertThat(String.join(",", cached.headers().allValues("vary")).toLowerCase(Locale.ROOT))
                .contains("tidemark-read", "tidemark-session");
        assertThat(uncached.status()).isEqualTo(200);
        assertThat(uncached.header("cache-control")).isEqualTo("no-store");
    }

    @Test
    void shouldReadItsOwnWritesBySession() {
        for (int i = 0; i < 20; i++) {
            Answer put = HTTP.putJson(rows + "k", Integer.toString(i));
            String session = put.header("tidemark-session");
            Answer get = HTTP.get(rows + "k", "Tidemark-Session", session, "Tidemark-Read", "eventual");

            assertThat(get.body()).isEqualTo(Integer.toString(i));
            assertThat(get.header("tidemark-session")).isEqualTo(session);
        }
    }

    @Test
    void shouldWriteOnceHoweverOftenItIsSent() {
        String[] once = {"Idempotency-Key", "\"write-" + System.nanoTime() + "\""};

        Answer first = HTTP.putJson(rows + "k", "1", once);
        HTTP.putJson(rows + "k", "2");
        Answer again = HTTP.putJson(rows + "k", "1", once);

        assertThat(again.header("tidemark-index")).isEqualTo(first.header("tidemark-index"));
        assertThat(again.header("tidemark-replayed")).isEqualTo("true");
        assertThat(HTTP.get(rows + "k", "Cache-Control", "no-cache").body()).isEqualTo("2");
        assertThat(HTTP.putJson(rows + "k", "3", once).json().get("reason").stringValue())
                .isEqualTo("REQUEST_ID_REUSED");
    }

    @Test
    void shouldGiveBackWhatAWriteReplaced() {
        HTTP.putJson(rows + "k", "{\"n\":1}");

        Answer put = HTTP.putJson(rows + "k?previous_row=PREVIOUS_ROW_FULL", "{\"n\":2}");
        Answer delete = HTTP.delete(rows + "k?previous_row=PREVIOUS_ROW_FULL");

        assertThat(put.status()).isEqualTo(200);
        assertThat(put.json().at("/previousRow/value/json/n").intValue()).isEqualTo(1);
        assertThat(delete.json().at("/previousRow/value/json/n").intValue()).isEqualTo(2);
    }

    @Test
    void shouldLetRowsExpire() {
        HTTP.putJson(rows + "k?expiry.ttl=3600s", "1");

        Answer document = HTTP.get(rows + "k?row_view=ROW_VIEW_METADATA", "Cache-Control", "no-cache");

        assertThat(document.json().at("/row/expireTime").stringValue()).isNotEmpty();
        assertThat(HTTP.putJson(rows + "k?expiry.ttl=-1s", "1").status()).isEqualTo(400);
    }

    @Test
    void shouldAnswerHeadAndOptions() {
        HTTP.putJson(rows + "k", "12345");

        Answer head = HTTP.send("HEAD", rows + "k", null, "Cache-Control", "no-cache");
        Answer options = HTTP.send("OPTIONS", rows + "k", null);
        Answer post = HTTP.post(rows + "k", "1");

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.header("etag")).isNotEmpty();
        assertThat(options.status()).isEqualTo(204);
        assertThat(options.header("allow")).contains("GET", "HEAD", "PUT", "PATCH", "DELETE");
        assertThat(options.header("accept-patch")).isEqualTo("application/merge-patch+json");
        assertThat(HTTP.send("OPTIONS", "/v1/tables/t", null).header("accept-patch"))
                .isEqualTo("application/json");
        assertThat(HTTP.send("OPTIONS", "/v1/limits", null).header("accept-patch"))
                .isEmpty();
        assertThat(post.status()).isEqualTo(405);
        assertThat(post.header("allow")).contains("PUT");
    }

    @Test
    void shouldReadOnlyTheRowThatIsMeant() {
        String tag = HTTP.putJson(rows + "k", "1").header("etag");
        String[] fresh = {"Cache-Control", "no-cache"};

        Answer same = HTTP.get(rows + "k", "If-Match", tag, fresh[0], fresh[1]);
        Answer any = HTTP.get(rows + "k", "If-Match", "*", fresh[0], fresh[1]);
        String newer = HTTP.putJson(rows + "k", "2").header("etag");
        Answer other = HTTP.get(rows + "k", "If-Match", "\"x\", " + tag, fresh[0], fresh[1]);
        Answer nobody = HTTP.get(rows + "nobody", "If-Match", "*", fresh[0], fresh[1]);

        assertThat(same.status()).isEqualTo(200);
        assertThat(any.status()).isEqualTo(200);
        assertThat(other.status()).isEqualTo(412);
        assertThat(other.header("etag")).isEqualTo(newer);
        assertThat(nobody.status()).isEqualTo(412);
    }

    @Test
    void shouldTellCachesAllThatAnswersDifferBy() throws Exception {
        String path = "/v1/tables/" + cachedTable() + "/rows/k";
        HTTP.putJson(path, "\"" + "x".repeat(5_000) + "\"");
        String[] packed = {"Accept-Encoding", "gzip", "Cache-Control", "no-cache", "Origin", "https://app.example"};

        try (Sidecar all = Running.sidecar("--cors.origins=https://app.example", "--session.cookie=tm")) {
            HttpResponse<byte[]> answer = new Http(all.restPort()).bytes(path, packed);
            assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
            assertThat(answer.headers().firstValue("cache-control")).contains("public, max-age=30, must-revalidate");
            assertThat(String.join(",", answer.headers().allValues("vary")).toLowerCase(Locale.ROOT))
                    .contains("accept-encoding", "tidemark-read", "tidemark-session", "cookie", "origin");
            // It would be another's session, and an old one.
            assertThat(answer.headers().firstValue("set-cookie")).isEmpty();
        }
    }

    @Test
    void shouldAnswerHeadLikeGet() {
        HTTP.putJson(rows + "k", "1");
        String table = rows.split("/", -1)[3];
        for (String path : List.of(
                rows + "k",
                rows + "nobody",
                "/v1/tables/" + table + "/row?key=k",
                "/v1/tables/" + table + "/rows",
                "/v1/tables/" + table + "/rows:stream",
                "/v1/tables",
                "/v1/tables/" + table,
                "/v1/topology",
                "/v1/topology:watch",
                "/v1/watch?table=" + table,
                "/v1/limits",
                "/v1/status?server_id=n1",
                "/v1/probe",
                "/api/user",
                "/api/user/nobody",
                "/openapi.json",
                "/docs",
                "/healthz",
                "/readyz")) {
            String[] fresh = {"Cache-Control", "no-cache"};
            Answer head = HTTP.send("HEAD", path, null, fresh);

            assertThat(head.body()).as(path).isEmpty();
            if (!path.contains("watch")) {
                assertThat(head.status())
                        .as(path)
                        .isEqualTo(HTTP.get(path, fresh).status());
            } else {
                assertThat(head.status()).as(path).isEqualTo(200);
                assertThat(head.header("content-type")).startsWith("text/event-stream");
            }
        }
    }

    @Test
    void shouldSpeakHttp2WithoutTls() {
        Http http2 = new Http(Running.SIDECAR.restPort(), HttpClient.Version.HTTP_2);
        HTTP.putJson(rows + "k", "1");

        assertThat(http2.get(rows + "k", "Cache-Control", "no-cache").body()).isEqualTo("1");
        assertThat(http2.get(rows + "k", "Cache-Control", "no-cache").body()).isEqualTo("1");
    }

    @Test
    void shouldPackLargeAnswersOnRequest() throws Exception {
        String large = "\"" + "x".repeat(50_000) + "\"";
        HTTP.putJson(rows + "k", large);

        HttpResponse<byte[]> packed = HTTP.bytes(rows + "k", "Accept-Encoding", "gzip", "Cache-Control", "no-cache");
        HttpResponse<byte[]> plain = HTTP.bytes(rows + "k", "Cache-Control", "no-cache");

        String tag = plain.headers().firstValue("etag").orElse("");
        String packedTag = packed.headers().firstValue("etag").orElse("");
        assertThat(packedTag).isEqualTo(tag.replaceAll("\"$", "-gz\""));
        Answer known = HTTP.get(
                rows + "k", "If-None-Match", packedTag, "Accept-Encoding", "gzip", "Cache-Control", "no-cache");
        assertThat(known.status()).isEqualTo(304);
        assertThat(known.header("etag")).isEqualTo(packedTag);
        assertThat(HTTP.get(rows + "k", "If-None-Match", tag, "Cache-Control", "no-cache")
                        .header("etag"))
                .isEqualTo(tag);
        assertThat(HTTP.get(rows + "k", "If-Match", packedTag, "Cache-Control", "no-cache")
                        .status())
                .isEqualTo(200);
        assertThat(packed.headers().firstValue("content-encoding")).contains("gzip");
        assertThat(packed.body().length).isLessThan(5_000);
        assertThat(new String(
                        new java.util.zip.GZIPInputStream(new java.io.ByteArrayInputStream(packed.body()))
                                .readAllBytes(),
                        StandardCharsets.UTF_8))
                .isEqualTo(large);
        assertThat(plain.headers().firstValue("content-encoding")).isEmpty();
        assertThat(Arrays.equals(plain.body(), large.getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(HTTP.putJson(rows + "k", "1", "If-Match", packedTag).status())
                .isEqualTo(204);
    }
}
