// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.RowView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadsTest {

    private final FakeDispatcher server = new FakeDispatcher();
    private final TidemarkClient client = TestClient.over(server);
    private final Table<String> users = client.table("users");

    @Test
    void shouldReadARowAndSayWhatItIsAsOf() {
        server.write("users", "ann", "Ann");

        GetResult<String> result = users.get("ann");

        assertThat(result.value()).contains("Ann");
        assertThat(result.index()).isEqualTo(1);
        assertThat(result.token()).isEqualTo("tm1." + FakeDispatcher.HISTORY + ".1");
        assertThat(result.servedBy()).isEqualTo(new ServedBy("r1", ServedBy.Role.REPLICA, "fake:1"));
        assertThat(result.unmet()).isEmpty();
    }

    @Test
    void shouldAnswerThatARowIsAbsent() {
        server.write("users", "bob", "Bob");

        GetResult<String> result = users.get("ann");

        assertThat(result.found()).isFalse();
        assertThat(result.value()).isEmpty();
        assertThat(result.index()).isEqualTo(1);
    }

    @Test
    void shouldReadManyRowsInTheOrderOfTheirKeysAndOnceEach() {
        server.write("users", "ann", "Ann");
        server.write("users", "bob", "Bob");

        GetAllResult<String> result = users.getAll(List.of("bob", "eve", "ann", "bob"));

        assertThat(result.values())
                .containsExactly(java.util.Map.entry("bob", "Bob"), java.util.Map.entry("ann", "Ann"));
        assertThat(result.absentKeys()).containsExactly("eve");
        assertThat(result.row("eve")).isEmpty();
        assertThat(result.index()).isEqualTo(2);
    }

    @Test
    void shouldReadInASessionAndAtMostFiveSecondsStaleUnlessToldOtherwise() {
        server.write("users", "ann", "Ann");
        users.get("ann");
        users.get("ann");

        ReadAsk ask = server.asks.get(1);
        assertThat(ask.base()).isEqualTo(new ReadAsk.Base.Applied());
        assertThat(ask.maxStaleness()).isEqualTo(Duration.ofSeconds(5));
        assertThat(ask.floor()).isEqualTo(1);
        assertThat(ask.historyId()).isEqualTo(FakeDispatcher.HISTORY);
        assertThat(server.contexts.get(1).deadlineNanos() - server.nanos)
                .isEqualTo(Duration.ofSeconds(5).toNanos());
    }

    @Test
    void shouldAskForWhatIsAskedAndNothingElse() {
        users.put("ann", "Ann");
        String token = "tm1." + FakeDispatcher.HISTORY + ".7";

        users.get("ann", Consistency.linearizable());
        users.get("ann", Consistency.eventual());
        users.get("ann", Consistency.eventual().atLeast(token));
        users.get("ann", Consistency.maxLag(3).maxStaleness(Duration.ofMillis(250)));
        users.get("ann", Consistency.asOf(1));
        users.get("ann", Consistency.asOf(Instant.EPOCH));
        users.with(Consistency.linearizable()).get("ann");

        String h = FakeDispatcher.HISTORY;
        ReadAsk.Base applied = new ReadAsk.Base.Applied();
        assertThat(server.asks)
                .containsExactly(
                        new ReadAsk(new ReadAsk.Base.Linearizable(), null, null, 0, h, null, false),
                        new ReadAsk(applied, null, null, 0, h, null, false),
                        new ReadAsk(applied, null, null, 7, h, null, false),
                        new ReadAsk(applied, Duration.ofMillis(250), 3L, 1, h, null, false),
                        new ReadAsk(new ReadAsk.Base.AsOfIndex(1), null, null, 0, h, null, false),
                        new ReadAsk(new ReadAsk.Base.AsOfTime(Instant.EPOCH), null, null, 0, h, null, false),
                        new ReadAsk(new ReadAsk.Base.Linearizable(), null, null, 0, h, null, false));
    }

    @Test
    void shouldLearnTheHistoryBeforeItAsksForAnIndexOfIt() {
        users.get("ann", Consistency.asOf(0));

        assertThat(server.asks.get(0).historyId()).isEqualTo(FakeDispatcher.HISTORY);
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void shouldPassOptionsOn() {
        users.get(
                "ann",
                ReadOptions.defaults()
                        .withDeadline(Duration.ofMillis(20))
                        .withMaxWait(Duration.ZERO)
                        .withHedging(true)
                        .withServeUnmet()
                        .withoutValues());

        assertThat(server.contexts.get(0).deadlineNanos() - server.nanos)
                .isEqualTo(Duration.ofMillis(20).toNanos());
        assertThat(server.contexts.get(0).hedged()).isTrue();
        assertThat(server.asks.get(0).maxWait()).isEqualTo(Duration.ZERO);
        assertThat(server.asks.get(0).serveUnmet()).isTrue();
        assertThat(server.views).containsExactly(RowView.ROW_VIEW_METADATA);
    }

    @Test
    void shouldSayWhatIsMissing() {
        server.unmet = io.tidemark.proto.v1.Unmet.newBuilder()
                .setBehind(Behind.BEHIND_APPLY)
                .setAskedIndex(9)
                .setActualIndex(4)
                .build();

        assertThat(users.get("ann", ReadOptions.defaults().withServeUnmet()).unmet())
                .contains(new Unmet(Unmet.Behind.APPLY, false, null, null, 9L, 4L, null, null));
    }

    @Test
    void shouldAddTheTimeSinceSendingToTheStaleness() {
        server.staleness = Duration.ofMillis(10);
        server.tripTime = Duration.ofMillis(4);

        GetResult<String> result = users.get("ann");

        assertThat(result.header().stalenessOnArrival()).contains(Duration.ofNanos(14_002_001));
        server.nanos += 1_000_000_000;
        server.wallMillis += 1_000;
        assertThat(result.staleness()).contains(Duration.ofNanos(1_014_502_001));
        assertThat(result.header().stalenessOnArrival()).contains(Duration.ofNanos(14_002_001));
    }

    @Test
    void shouldCountTimeThatTheMonotonicClockDidNotSee() {
        server.staleness = Duration.ofMillis(10);

        GetResult<String> result = users.get("ann");
        server.wallMillis += 60_000;

        assertThat(result.staleness().orElseThrow()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(61));
        server.wallMillis -= 3_600_000;
        assertThat(result.staleness().orElseThrow()).isBetween(Duration.ofMillis(10), Duration.ofMillis(11));
    }

    @Test
    void shouldNotTakeAnUnknownStalenessForNone() {
        server.staleness = null;
        assertThat(users.get("ann").staleness()).isEmpty();

        server.staleness = Duration.ZERO;
        assertThat(users.get("ann").staleness()).isEmpty();
    }

    @Test
    void shouldRefuseNamesThatNoServerTakesBeforeSendingThem() {
        assertThatThrownBy(() -> client.table("Users"))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("table: 'Users'");
        assertThatThrownBy(() -> users.get("")).isInstanceOf(InvalidRequestException.class);
        assertThatThrownBy(() -> users.get("\u00e4".repeat(513)))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("1026 bytes");
        assertThatThrownBy(() -> users.get("a\ud800b"))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("surrogate");
        assertThat(users.get("\ud83d\ude00".repeat(256)).found()).isFalse();
        assertThat(server.asks).hasSize(1);
    }

    @Test
    void shouldThrowWithTheStackOfWhoeverCalled() {
        server.failures.add(new UnavailableException(new Failure("nobody there", "UNAVAILABLE"), null));

        assertThatThrownBy(() -> users.get("ann"))
                .isInstanceOf(UnavailableException.class)
                .satisfies(failure -> assertThat(failure.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().startsWith(ReadsTest.class.getName())));
    }
}
