// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.proto.v1.CommitOutcome;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.MutationResult;
import io.tidemark.proto.v1.PutRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class WritesTest {

    private final FakeDispatcher server = new FakeDispatcher();
    private final TidemarkClient client = TestClient.over(server);
    private final Table<String> users = client.table("users");

    @Test
    void shouldWriteAndGiveTheRowBackWithItsValue() {
        WriteResult<String> result = users.put("ann", "Ann");

        assertThat(server.text("users", "ann")).isEqualTo("Ann");
        assertThat(result.row().value()).isEqualTo("Ann");
        assertThat(result.row().version()).isEqualTo(1);
        assertThat(result.row().contentType()).isEqualTo("text/plain");
        assertThat(result.index()).isEqualTo(1);
        assertThat(result.replayed()).isFalse();
    }

    @Test
    void shouldWriteOnlyIfTheConditionHolds() {
        GetResult<String> absent = users.get("ann");
        users.put("ann", "Ann", Condition.unchanged(absent));
        GetResult<String> read = users.get("ann");

        assertThatThrownBy(() -> users.put("ann", "Eve", Condition.absent()))
                .isInstanceOfSatisfying(ConditionFailedException.class, failure -> {
                    assertThat(failure.reason()).isEqualTo("CONDITION_FAILED");
                    assertThat(failure.evaluatedIndex()).isEqualTo(1);
                    assertThat(users.decode(failure.currentRow().orElseThrow()).value())
                            .isEqualTo("Ann");
                })
                .hasMessageContaining("users/ann");
        users.put("ann", "Ann 2", Condition.unchanged(read));
        assertThatThrownBy(() -> users.put("ann", "Ann 3", Condition.unchanged(read)))
                .isInstanceOf(ConditionFailedException.class);
        users.put("ann", "Ann 3", Condition.version(2));
        users.put("ann", "Ann 4", Condition.valueEquals("Ann 3"));
        users.delete("ann", Condition.present());
        assertThatThrownBy(() -> users.delete("ann", Condition.present()))
                .isInstanceOfSatisfying(
                        ConditionFailedException.class,
                        failure -> assertThat(failure.currentRow()).isEmpty());
    }

    @Test
    void shouldJudgeWhatWasReadInTheHistoryThatItWasReadIn() {
        users.put("ann", "Ann");
        GetResult<String> read = users.get("ann");
        client.session().reset();
        server.historyId = "fedcba9876543210";

        assertThatThrownBy(() -> users.put("ann", "Eve", Condition.unchanged(read)))
                .isInstanceOf(HistoryChangedException.class);
    }

    @Test
    void shouldHoldARowAgainstTheHistoryThatItCameFrom() {
        users.put("ann", "Ann");
        String history = FakeDispatcher.HISTORY;
        Row<String> read = users.get("ann").row().orElseThrow();
        Row<String> written = users.put("ann", "Ann 2").row();
        ConditionFailedException refusal =
                catchThrowableOfType(ConditionFailedException.class, () -> users.put("ann", "Eve", Condition.absent()));
        Row<String> refused = users.decode(refusal.currentRow().orElseThrow());
        assertThat(List.of(read, written, refused)).extracting(Row::historyId).containsOnly(history);

        client.session().reset();
        server.historyId = "fedcba9876543210";
        for (Row<String> row : List.of(written, refused)) {
            assertThatThrownBy(() -> users.put("ann", "Eve", Condition.unchanged(row)))
                    .isInstanceOf(HistoryChangedException.class);
            assertThatThrownBy(() -> client.commit(tx -> tx.ifUnchanged(row).delete(users, "ann")))
                    .isInstanceOf(HistoryChangedException.class);
        }
        assertThat(server.text("users", "ann")).isEqualTo("Ann 2");
    }

    @Test
    void shouldRefuseBeforehandWhatWasReadInAnotherHistoryThanItsSessionIsIn() {
        users.put("ann", "Ann");
        GetResult<String> read = users.get("ann");
        Session elsewhere = Session.from("tm1.fedcba9876543210.7");
        Table<String> there = users.in(elsewhere);

        assertThatThrownBy(() -> there.put("ann", "Eve", Condition.unchanged(read)))
                .isInstanceOf(HistoryChangedException.class);
        assertThatThrownBy(() -> there.put(
                        "ann",
                        "Eve",
                        Condition.unchanged(read),
                        WriteOptions.defaults().withPreviousRow()))
                .isInstanceOf(HistoryChangedException.class);
        assertThatThrownBy(() -> client.commit(
                        tx -> tx.ifUnchanged(read).put(users, "ann", "Eve"),
                        WriteOptions.defaults().withSession(elsewhere)))
                .isInstanceOf(HistoryChangedException.class);
        assertThat(server.commits).hasSize(1);
        assertThat(server.requests).isEmpty();
    }

    @Test
    void shouldNotFailAWriteThatHappenedWhenItsSessionCameToAnotherHistoryMeanwhile() {
        Session session = client.newSession();
        server.beforeCommit.add(() -> session.advanceTo("tm1.fedcba9876543210.7"));

        assertThat(users.in(session).put("ann", "Ann").index()).isEqualTo(1);
        assertThat(session.index()).isEqualTo(7);
    }

    @Test
    void shouldDeleteAndSayWhetherThereWasARow() {
        users.put("ann", "Ann");

        assertThat(users.delete("ann").deleted()).isTrue();
        assertThat(users.delete("ann").deleted()).isFalse();
    }

    @Test
    void shouldPassOptionsOn() {
        users.put("ann", "Ann", WriteOptions.defaults().withExpiryAfter(Duration.ofMinutes(1)));
        users.put("ann", "Ann", WriteOptions.defaults().withExpiryAt(Instant.ofEpochSecond(9)));
        users.patch("ann", "{}", WriteOptions.defaults().withExpiry(Expiry.never()));
        users.put("ann", "Ann", WriteOptions.defaults().withRequestId("r-1", 3).withDeadline(Duration.ofMillis(9)));

        assertThat(server.commits
                        .get(0)
                        .getMutations(0)
                        .getPut()
                        .getExpiry()
                        .getTtl()
                        .getSeconds())
                .isEqualTo(60);
        assertThat(server.commits
                        .get(1)
                        .getMutations(0)
                        .getPut()
                        .getExpiry()
                        .getExpireTime()
                        .getSeconds())
                .isEqualTo(9);
        assertThat(server.commits.get(2).getMutations(0).getPatch().getExpiry().hasNever())
                .isTrue();
        CommitRequest named = server.commits.get(3);
        assertThat(named.getWriteOptions().getRequestId()).isEqualTo("r-1");
        assertThat(named.getWriteOptions().getFirstSentIndex()).isEqualTo(3);
        assertThat(named.getWriteOptions().getHistoryId()).isEqualTo(FakeDispatcher.HISTORY);
        assertThat(server.contexts.get(3).deadlineNanos() - server.nanos).isEqualTo(9_000_000);
        assertThat(server.commits.get(0).getWriteOptions().hasRequestId()).isFalse();
    }

    @Test
    void shouldGiveCallsAboutTablesAndServersADeadlineOfTheirOwn() {
        Duration limit = Duration.ofMillis(9);
        UnavailableException failure = new UnavailableException(new Failure("nobody there", "UNAVAILABLE"), null);
        List<Runnable> calls = List.of(
                () -> client.tables().withDeadline(limit).create("orders"),
                () -> client.tables().withDeadline(limit).list(),
                () -> client.tables().withDeadline(limit).get("orders"),
                () -> client.cluster().withDeadline(limit).topology(),
                () -> client.cluster().withDeadline(limit).async().status("n1").join(),
                () -> client.async().tables().withDeadline(limit).drop("orders").join(),
                () -> client.async().cluster().withDeadline(limit).topology().join());
        for (Runnable call : calls) {
            server.failures.add(failure);
            assertThatThrownBy(call::run).isInstanceOfAny(UnavailableException.class, CompletionException.class);
        }

        assertThat(server.contexts)
                .hasSize(calls.size())
                .allMatch(context -> context.deadlineNanos() - server.nanos == limit.toNanos());
        assertThatThrownBy(() -> client.tables().withDeadline(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldNotTakeTheIndexOfASessionThatHasSeenNothingForOne() {
        WriteOptions defaults = WriteOptions.defaults();
        assertThatThrownBy(
                        () -> defaults.withRequestId("r-1", client.newSession().index()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("read first");

        users.put("ann", "Ann", defaults.withRequestId("r-1"));
        assertThat(server.commits.get(0).getWriteOptions().getRequestId()).isEqualTo("r-1");
        assertThat(server.commits.get(0).getWriteOptions().hasFirstSentIndex()).isFalse();
    }

    @Test
    void shouldRepeatAWriteByTheNameThatItHad() {
        WriteOptions defaults = WriteOptions.defaults();
        Failure open = new Failure("open", "OUTCOME_UNKNOWN");

        // Of a cluster that had no commit yet.
        users.put("ann", "Ann", defaults.withRequestIdOf(new OutcomeUnknownException(open, null, "r-1", 0L)));
        users.put("ann", "Ann", defaults.withRequestIdOf(new OutcomeUnknownException(open, null, "r-2", 7L)));
        assertThatThrownBy(() -> defaults.withRequestIdOf(new OutcomeUnknownException(open, null, null, null)))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(server.commits.get(0).getWriteOptions().getRequestId()).isEqualTo("r-1");
        assertThat(server.commits.get(0).getWriteOptions().hasFirstSentIndex()).isTrue();
        assertThat(server.commits.get(1).getWriteOptions().getFirstSentIndex()).isEqualTo(7);
    }

    @Test
    void shouldRefuseOptionsThatAWriteCannotKeep() {
        WriteOptions expiring = WriteOptions.defaults().withExpiryAfter(Duration.ofSeconds(1));
        WriteOptions previous = WriteOptions.defaults().withPreviousRow();

        assertThatThrownBy(() -> users.delete("ann", expiring)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> users.patch("ann", "{}", previous)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> users.increment("ann", 1, previous)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> client.commit(tx -> tx.delete(users, "ann"), expiring))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> WriteOptions.defaults().withDeadline(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(server.commits).isEmpty();
    }

    @Test
    void shouldGiveTheRowBefore() {
        users.put("ann", "Ann");
        WriteResult<String> result =
                users.put("ann", "Eve", WriteOptions.defaults().withPreviousRow());

        assertThat(result.row().value()).isEqualTo("Eve");
        assertThat(result.previousRow().orElseThrow().value()).isEqualTo("Ann");
    }

    @Test
    void shouldLeaveItToTheDispatcherToNameAndJudgeWritesThatAreNoCommits() {
        users.put("ann", "Ann");
        WriteOptions previous = WriteOptions.defaults().withPreviousRow();
        users.put("ann", "Eve", previous);
        users.delete("ann", previous.withRequestId("mine", 7));

        assertThat(server.writes).hasSize(2);
        assertThat(server.writes.get(0).getRequestId()).isEmpty();
        assertThat(server.writes.get(0).hasFirstSentIndex()).isFalse();
        assertThat(server.writes.get(0).getHistoryId()).isEqualTo(FakeDispatcher.HISTORY);
        assertThat(server.writes.get(1).getRequestId()).isEqualTo("mine");
        assertThat(server.writes.get(1).getFirstSentIndex()).isEqualTo(7);
        assertThat(((PutRequest) server.requests.get(0)).getWriteOptions()).isEqualTo(server.writes.get(0));
        assertThat(((DeleteRequest) server.requests.get(1)).getWriteOptions()).isEqualTo(server.writes.get(1));

        Failure tried = new Failure(
                "no leader",
                "NO_LEADER",
                Map.of(),
                List.of(new Attempt("n1:1", Duration.ZERO, Duration.ofMillis(3), "NO_LEADER")));
        UnavailableException definite = new UnavailableException(tried, null);
        server.failures.addAll(List.of(definite, definite, definite, definite));
        assertThatThrownBy(() -> users.put("ann", "Eve", previous)).isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> users.delete("ann", previous)).isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> client.tables().create("orders")).isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> client.tables().drop("orders")).isInstanceOf(UnavailableException.class);
        assertThat(server.writes).hasSize(6);
    }

    @Test
    void shouldNotFailAWriteThatHappenedForARowThatItsCodecCannotRead() {
        Table<byte[]> bytes = client.table("users", Codec.bytes());
        WriteOptions previous = WriteOptions.defaults().withPreviousRow();
        bytes.put("ann", new byte[] {-1});
        WriteResult<String> put = users.put("ann", "Ann", previous);
        bytes.put("ann", new byte[] {-1});
        DeleteResult<String> deleted = users.delete("ann", previous);

        assertThat(put.index()).isEqualTo(2);
        assertThat(put.row().value()).isEqualTo("Ann");
        assertThatThrownBy(put::previousRow).isInstanceOf(CodecException.class).hasMessageContaining("users/ann");
        assertThat(deleted.index()).isEqualTo(4);
        assertThat(deleted.deleted()).isTrue();
        assertThatThrownBy(deleted::previousRow).isInstanceOf(CodecException.class);
        assertThat(client.session().index()).isEqualTo(4);

        WriteResult<Integer> patched = client.table("users", new Broken()).patch("ann", "{}");
        assertThat(patched.index()).isEqualTo(5);
        assertThat(patched).hasToString("WriteResult[users/ann at 5]");
        assertThatThrownBy(patched::row).isInstanceOf(CodecException.class);
    }

    @Test
    void shouldCount() {
        Table<String> counters = client.table("counters");

        assertThat(counters.increment("hits", 2).value()).isEqualTo(2);
        assertThat(counters.increment("hits", -5).value()).isEqualTo(-3);
        assertThat(counters.increment("more", 1, 10, WriteOptions.defaults()).value())
                .isEqualTo(11);
    }

    @Test
    void shouldReadTheSumAsOfItsIndexWhenTheAnswerCouldNotCarryIt() {
        server.answering = response -> response.toBuilder()
                .setReplayed(true)
                .setResults(
                        0,
                        MutationResult.newBuilder()
                                .setRow(response.getResults(0).getRow().toBuilder()
                                        .clearValue()
                                        .setValueOmitted(true)))
                .build();

        IncrementResult result = users.increment("hits", 2);

        assertThat(result.value()).isEqualTo(2);
        assertThat(result.replayed()).isTrue();
        assertThat(server.asks.get(0).base()).isEqualTo(new ReadAsk.Base.AsOfIndex(1));
    }

    @Test
    void shouldNotFailAWriteWhoseSumCannotBeReadAnyMore() {
        server.answering = response -> {
            server.failures.add(new UnavailableException(new Failure("nobody there", "UNAVAILABLE"), null));
            return response.toBuilder().clearResults().build();
        };

        IncrementResult result = users.increment("hits", 2);

        assertThat(result.index()).isEqualTo(1);
        assertThatThrownBy(result::value).isInstanceOf(NoSuchElementException.class);
        assertThat(users.put("ann", "Ann").row().key()).isEqualTo("ann");
    }

    @Test
    void shouldNotTakeAnOutcomeThatItDoesNotKnowForEither() {
        server.answering = response -> response.toBuilder()
                .setOutcome(CommitOutcome.COMMIT_OUTCOME_UNSPECIFIED)
                .build();

        assertThatThrownBy(() -> users.put("ann", "Ann")).isInstanceOf(OutcomeUnknownException.class);
    }

    @Test
    void shouldSayThatAnInterruptedWriteMayHaveHappened() {
        server.gate = new CompletableFuture<>();
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> users.put("ann", "Ann")).isInstanceOf(OutcomeUnknownException.class);
        assertThat(Thread.interrupted()).isTrue();

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> users.get("ann")).isInstanceOf(UnavailableException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void shouldNotSayThatAWriteMayHaveHappenedThatWasNeverSent() {
        try (TidemarkClient alone = TidemarkClient.connect("127.0.0.1:1")) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> alone.table("users").put("ann", "Ann"))
                    .isInstanceOfSatisfying(
                            UnavailableException.class,
                            failure -> assertThat(failure.reason()).isEqualTo("INTERRUPTED"));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void shouldFailFuturesWithTheExceptionItselfAlsoForWhatIsWrongBeforeSending() {
        CompletableFuture<WriteResult<String>> refused = users.async().put("", "Ann");

        assertThat(refused).isCompletedExceptionally();
        assertThatThrownBy(refused::join).hasCauseInstanceOf(InvalidRequestException.class);
        assertThat(refused.handle((result, failure) -> failure).join()).isInstanceOf(InvalidRequestException.class);
        assertThatThrownBy(refused::get).hasCauseInstanceOf(InvalidRequestException.class);
    }

    @Test
    void shouldGiveACancelledCallUp() {
        CompletableFuture<Void> gate = new CompletableFuture<>();
        server.gate = gate;
        CompletableFuture<GetResult<String>> read = users.async().get("ann");

        read.cancel(false);

        assertThatThrownBy(read::join).isInstanceOf(CancellationException.class);
        gate.complete(null);
    }

    @Test
    void shouldSayWhichValueACodecCouldNotTake() {
        server.write("users", "ann", "{not json");
        Table<Integer> broken = client.table("users", new Broken());

        assertThatThrownBy(() -> broken.get("ann"))
                .isInstanceOf(CodecException.class)
                .hasMessageContaining("users/ann")
                .hasRootCauseInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> broken.put("ann", 1)).isInstanceOf(CodecException.class);
        assertThat(server.commits).isEmpty();
    }

    /** Reads and writes nothing. */
    private static final class Broken implements Codec<Integer> {

        @Override
        public String contentType() {
            return "text/plain";
        }

        @Override
        public byte[] encode(Integer value) {
            throw new IllegalStateException("cannot write");
        }

        @Override
        public Integer decode(byte[] bytes, String contentType) {
            return Integer.parseInt("x");
        }
    }
}
