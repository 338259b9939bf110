// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SessionTest {

    private static final String OTHER_HISTORY = "fedcba9876543210";

    private final FakeDispatcher server = new FakeDispatcher();
    private final TidemarkClient client = TestClient.over(server);
    private final Table<String> users = client.table("users");

    @Test
    void shouldCoverItsOwnWritesAndWhatItSaw() {
        users.put("ann", "Ann");
        users.get("ann");
        assertThat(server.asks.get(0).floor()).isEqualTo(1);

        server.write("users", "bob", "Bob");
        users.get("ann", Consistency.eventual());
        users.get("ann");
        assertThat(server.asks.get(2).floor()).isEqualTo(2);
    }

    @Test
    void shouldNeverGoBackwards() {
        server.index = 10;
        users.get("ann");
        server.index = 7;
        users.get("ann", Consistency.eventual());

        assertThat(client.session().index()).isEqualTo(10);
    }

    @Test
    void shouldCoverWhatItsRefusedWriteShowed() {
        server.write("users", "ann", "Ann");
        assertThatThrownBy(() -> users.put("ann", "Eve", Condition.absent()))
                .isInstanceOf(ConditionFailedException.class);

        assertThat(client.session().index()).isEqualTo(1);
    }

    @Test
    void shouldKeepSessionsApart() {
        Session own = client.newSession();
        users.in(own).put("ann", "Ann");
        users.get("ann");
        users.get("ann", ReadOptions.defaults().withSession(own));

        assertThat(server.asks.get(0).floor()).isZero();
        assertThat(server.asks.get(1).floor()).isEqualTo(1);
    }

    @Test
    void shouldTravelAsAToken() {
        users.put("ann", "Ann");
        String token = client.session().token().orElseThrow();
        assertThat(token).isEqualTo("tm1." + FakeDispatcher.HISTORY + ".1");

        Session elsewhere = Session.from(token);
        users.in(elsewhere).get("ann");

        assertThat(server.asks.get(0).floor()).isEqualTo(1);
        elsewhere.advanceTo("tm1." + FakeDispatcher.HISTORY + ".5");
        elsewhere.advanceTo("tm1." + FakeDispatcher.HISTORY + ".4");
        assertThat(elsewhere.index()).isEqualTo(5);
        assertThat(Session.create().token()).isEmpty();
    }

    @Test
    void shouldRefuseWhatIsNoToken() {
        assertThatThrownBy(() -> Session.from("tm1.nonsense"))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("tm1.nonsense");
        assertThatThrownBy(() -> Consistency.atLeast("tm1.nonsense")).isInstanceOf(InvalidRequestException.class);
    }

    @Test
    void shouldFailAfterARestoreUntilItIsReset() {
        users.put("ann", "Ann");
        server.historyId = OTHER_HISTORY;
        server.index = 0;

        assertThatThrownBy(() -> users.get("ann")).isInstanceOf(HistoryChangedException.class);
        assertThatThrownBy(() -> users.get("ann", Consistency.eventual())).isInstanceOf(HistoryChangedException.class);
        assertThatThrownBy(() -> users.put("ann", "Ann")).isInstanceOf(HistoryChangedException.class);

        client.session().reset();

        assertThat(users.get("ann").header().historyId()).isEqualTo(OTHER_HISTORY);
    }

    @Test
    void shouldNotBringAnOldHistoryBackByAnAnswerThatWasUnderWay() {
        users.put("ann", "Ann");
        server.gate = new CompletableFuture<>();
        CompletableFuture<GetResult<String>> late = users.async().get("ann");

        client.session().reset();
        server.gate.complete(null);

        assertThat(late).isCompleted();
        assertThat(client.session().token()).isEmpty();
    }

    @Test
    void shouldNotMixTwoHistories() {
        Session session = client.newSession();
        server.gate = new CompletableFuture<>();
        CompletableFuture<GetResult<String>> first = users.async().in(session).get("ann");
        server.historyId = OTHER_HISTORY;
        CompletableFuture<GetResult<String>> second = users.async().in(session).get("ann");
        server.gate.complete(null);

        // Whichever came first counts; the other one is told.
        assertThat(first.isCompletedExceptionally() ^ second.isCompletedExceptionally())
                .isTrue();
        assertThatThrownBy(() -> session.advanceTo("tm1.aaaaaaaaaaaaaaaa.4"))
                .isInstanceOf(HistoryChangedException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void shouldTakeTheTightestOfSeveralBoundsAndTheHighestOfSeveralTokens() {
        String h = FakeDispatcher.HISTORY;
        Consistency.Relaxed all = Consistency.maxStaleness(Duration.ofSeconds(1))
                .maxStaleness(Duration.ofSeconds(2))
                .maxLag(5)
                .maxLag(9)
                .atLeast("tm1." + h + ".3")
                .atLeast("tm1." + h + ".8")
                .atLeast("tm1." + h + ".6");

        assertThat(all).isEqualTo(new Consistency.Relaxed(true, Duration.ofSeconds(1), 5L, "tm1." + h + ".8"));
        assertThatThrownBy(() -> all.atLeast("tm1." + OTHER_HISTORY + ".1"))
                .isInstanceOf(HistoryChangedException.class);
        assertThatThrownBy(() -> Consistency.maxStaleness(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
